import { act, screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { FakeServer } from "@/testing/FakeServer";
import { axe } from "@/testing/axe";

import { span } from "../model/testing";
import { renderTrace } from "../SpanDetails/testing";
import ArtifactsView from "./artifacts/ArtifactsView";
import FlameView from "./flame/FlameView";
import TokensView from "./tokens/TokensView";

const usage = (input: number, output: number) => ({
  input,
  output,
  total: input + output,
  cacheRead: 0,
  reasoning: 0,
  costUsd: 0.5,
  unpriced: 0,
});

const SPANS = [
  span("root", null, { displayName: "run", durationMs: 100, category: "WORKFLOW" }),
  span("a", "root", { displayName: "first", startMs: 10, durationMs: 20, nodeId: "one" }),
  span("b", "root", { displayName: "second", startMs: 40, durationMs: 50, nodeId: "two", inputTokens: 9 }),
];

describe("FlameView", () => {
  it("is walked by arrows and says where it is", async () => {
    const { user, store, container } = renderTrace(<FlameView />, SPANS, { selectedId: "a" });
    const chart = screen.getByRole("listbox");
    act(() => chart.focus());
    await user.keyboard("{ArrowRight}");
    expect(store.getState().selectedId).toBe("b");
    expect(within(chart).getByRole("option", { selected: true })).toHaveTextContent(/^second, .*level 2, 2 of 2$/);
    await user.keyboard("{ArrowUp}");
    expect(store.getState().selectedId).toBe("root");
    await user.keyboard("{ArrowDown}{Enter}");
    expect(store.getState().zoom).toEqual({ startMs: 10, endMs: 30 });
    await user.keyboard("0");
    expect(store.getState().zoom).toBeNull();
    await expect(axe(container)).resolves.toEqual([]);
  });

  it("tells the same in numbers, from which a span can be chosen", async () => {
    const { user, store } = renderTrace(<FlameView />, SPANS);
    await user.click(screen.getByRole("radio", { name: "By name" }));
    const rows = within(screen.getByRole("table", { name: "Time by name" })).getAllByRole("row");
    expect(rows.map((row) => row.firstChild?.textContent)).toEqual(["Name", "second", "run", "first"]);
    await user.click(screen.getByRole("button", { name: "second" }));
    expect(store.getState()).toMatchObject({ selectedId: "b", detailsOpen: true });
  });
});

describe("TokensView", () => {
  const answer = () => ({
    execution: {
      tokenUsage: usage(9, 3),
      tokenUsageByModel: [{ provider: "offline", model: "echo", calls: 2, tokenUsage: usage(9, 3) }],
      tokenUsageByNode: [{ nodeId: "two", calls: 2, tokenUsage: usage(9, 3) }],
    },
  });

  it("begins with the models of a trace without nodes", async () => {
    new FakeServer().answer("TraceUsage", () => {
      const { execution } = answer();
      const [first] = execution.tokenUsageByNode;
      return { execution: { ...execution, tokenUsageByNode: [{ ...first, nodeId: null }] } };
    });
    renderTrace(<TokensView />, SPANS);
    expect(await screen.findByRole("table", { name: "Tokens by model" })).toBeInTheDocument();
  });

  it("sums by node, by model and call by call", async () => {
    new FakeServer().answer("TraceUsage", answer);
    const { user, store, container } = renderTrace(<TokensView />, SPANS);
    const byNode = await screen.findByRole("table", { name: "Tokens by node" });
    await user.click(within(byNode).getByRole("button", { name: "two" }));
    expect(store.getState().selectedId).toBe("b");
    await user.click(screen.getByRole("radio", { name: "By model" }));
    expect(screen.getByRole("table", { name: "Tokens by model" })).toHaveTextContent("echooffline293$0.50");
    await user.click(screen.getByRole("radio", { name: "Calls" }));
    expect(screen.getByRole("table", { name: "Calls of models" })).toHaveTextContent("second");
    await expect(axe(container)).resolves.toEqual([]);
  });

  it("says which tokens its cost leaves out", async () => {
    const { execution } = answer();
    const unpriced = { ...usage(9, 3), unpriced: 7 };
    new FakeServer().answer("TraceUsage", () => ({
      execution: {
        ...execution,
        tokenUsage: unpriced,
        tokenUsageByNode: [{ nodeId: "two", calls: 2, tokenUsage: unpriced }],
      },
    }));
    const { user } = renderTrace(<TokensView />, SPANS);
    await user.click(await screen.findByRole("radio", { name: "By node" }));
    expect(screen.getByRole("table", { name: "Tokens by node" })).toHaveTextContent("≥ $0.50");
    const sums = screen.getByRole("region", { name: "Tokens and cost" });
    expect(sums).toHaveTextContent("7 tokens of models without a price");
  });

  it("says when no tokens were used", async () => {
    new FakeServer().answer("TraceUsage", () => ({
      execution: { tokenUsage: { ...usage(0, 0), costUsd: null }, tokenUsageByModel: [], tokenUsageByNode: [] },
    }));
    renderTrace(<TokensView />, SPANS);
    expect(await screen.findByRole("heading", { name: "No tokens were used" })).toBeInTheDocument();
  });
});

describe("ArtifactsView", () => {
  it("lists the files and previews the chosen one", async () => {
    const { user, store } = renderTrace(<ArtifactsView />, SPANS);
    expect(screen.getByRole("heading", { name: "The run has made no artifacts" })).toBeInTheDocument();
    const file = (artifactId: string, name: string) => ({
      id: artifactId,
      artifactId,
      name,
      mediaType: "application/zip",
      sizeBytes: 1_000,
      sha256: "",
      createdAt: "2026-01-31T12:00:00Z",
      revision: 1,
      spanId: "b",
      downloadUrl: `/api/artifacts/${artifactId}/download`,
    });
    const artifacts = new Map([
      ["2", file("2", "late.zip")],
      ["1", file("1", "early.zip")],
    ]);
    act(() => store.setState({ artifacts }));
    expect(await screen.findByRole("region", { name: "Preview of early.zip" })).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "late.zip" }));
    const preview = screen.getByRole("region", { name: "Preview of late.zip" });
    await user.click(within(preview).getByRole("button", { name: "Its span" }));
    expect(store.getState().selectedId).toBe("b");
  });
});
