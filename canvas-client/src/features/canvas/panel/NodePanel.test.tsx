import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { describe, expect, it, vi } from "vitest";

import { TooltipProvider } from "@/ui";

import { buildGraph } from "../model/buildGraph";
import { runOf } from "../model/fixtures";
import type { NodeRun } from "../model/nodeStates";
import { NodePanel } from "./NodePanel";

const GRAPH = buildGraph({
  nodes: [
    { name: "ask", type: "LLMNode", display_name: "Ask", ai_model: "offline:echo", retry: { max_attempts: 3 } },
    { name: "tell", type: "SetVariableNode" },
  ],
  edges: [["START", "ask"]],
  conditional_edges: [{ source: "ask", path: "ask.ok", mapping: { true: "tell" } }],
});

function show(run: NodeRun | null) {
  const actions = { onSelect: vi.fn(), onClose: vi.fn(), onOpenTrace: vi.fn(), onShowDefinition: vi.fn() };
  const node = GRAPH.nodes.find(({ id }) => id === "ask");
  if (!node) throw new Error("not drawn");
  render(
    <MemoryRouter>
      <TooltipProvider>
        <NodePanel
          node={node}
          graph={GRAPH}
          run={run && { status: "FAILED", runs: new Map([["ask", run]]) }}
          {...actions}
          onOpenTrace={run && actions.onOpenTrace}
        />
      </TooltipProvider>
    </MemoryRouter>,
  );
  return { ...actions, user: userEvent.setup() };
}

describe("NodePanel", () => {
  it("tells how the node ran, and why it failed", async () => {
    const run = runOf("ask", {
      status: { code: "ERROR", message: "the model is away" },
      attempts: 3,
      tokenUsage: { input: 1_200, output: 34, total: 1_234, costUsd: 0.0042 },
    });
    const { user, onOpenTrace } = show(run);
    expect(screen.getByRole("alert")).toHaveTextContent("the model is away");
    const value = (name: string) => screen.getByText(name).nextElementSibling;
    expect(value("State")).toHaveTextContent("Failed");
    expect(value("Attempts")).toHaveTextContent("3");
    expect(value("Tokens")).toHaveTextContent("1,200 in, 34 out");
    expect(value("Cost")).toHaveTextContent("$0.0042");
    expect(screen.queryByText("Visits")).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Open in Trace" }));
    expect(onOpenTrace).toHaveBeenCalledOnce();
  });

  it("tells where the flow goes, and on what condition", async () => {
    const { user, onSelect } = show(null);
    const on = within(screen.getByRole("region", { name: "Goes on to" }));
    expect(on.getByText("if ask.ok is true")).toBeVisible();
    await user.click(on.getByRole("button", { name: "tell" }));
    expect(onSelect).toHaveBeenCalledWith("tell");
    expect(within(screen.getByRole("region", { name: "Comes from" })).getByText("Start")).toBeVisible();
  });

  it("has nothing to open in the trace before the node has run", () => {
    show(null);
    expect(screen.queryByRole("button", { name: "Open in Trace" })).not.toBeInTheDocument();
    expect(screen.queryByText("State")).not.toBeInTheDocument();
  });

  it("shows the parameters, without what the head tells", () => {
    show(null);
    const parameters = screen.getByRole("region", { name: "Parameters" });
    expect(parameters).toHaveTextContent("ai_modeloffline:echo");
    expect(parameters).toHaveTextContent('"max_attempts": 3');
    expect(parameters).not.toHaveTextContent("display_name");
  });
});
