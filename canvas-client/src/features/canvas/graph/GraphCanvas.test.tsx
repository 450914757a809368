import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { MemoryRouter } from "react-router";
import { describe, expect, it, vi } from "vitest";

import { TooltipProvider } from "@/ui";

import { buildGraph } from "../model/buildGraph";
import { runOf } from "../model/fixtures";
import type { RunOfGraph } from "../model/nodeStates";
import { GraphCanvas } from "./GraphCanvas";

const node = (name: string, rest: object = {}) => ({ name, type: "SetVariableNode", ...rest });

const GRAPH = buildGraph({
  nodes: [
    node("first", { display_name: "Ask the model", type: "LLMNode" }),
    node("each", { type: "ForEachNode", body: node("inner") }),
    node("sub", { type: "SubWorkflowNode", workflow_id: "welcome" }),
  ],
  edges: [
    ["START", "first"],
    ["first", "each"],
    ["each", "sub"],
  ],
});

const RUN: RunOfGraph = {
  status: "RUNNING",
  runs: new Map([
    [
      "first",
      runOf("first", {
        durationMs: 542,
        visits: 8,
        attempts: 9,
        tokenUsage: { input: 30, output: 7, total: 37, costUsd: null },
      }),
    ],
    ["each", runOf("each", { state: "RUNNING", endTime: null, durationMs: null })],
  ]),
};

function Page({ run, onSelect }: { run: RunOfGraph | null; onSelect: (id: string | null) => void }) {
  const [selected, setSelected] = useState<string | null>(null);
  return (
    <MemoryRouter>
      <TooltipProvider>
        <GraphCanvas
          graph={GRAPH}
          run={run}
          selectedId={selected}
          onSelect={(id) => {
            setSelected(id);
            onSelect(id);
          }}
          direction="right"
          onDirection={() => undefined}
        />
      </TooltipProvider>
    </MemoryRouter>
  );
}

function show(run: RunOfGraph | null = RUN) {
  const onSelect = vi.fn();
  render(<Page run={run} onSelect={onSelect} />);
  return { onSelect, user: userEvent.setup() };
}

const card = (name: RegExp) => screen.getByRole("button", { name });

describe("GraphCanvas", () => {
  it("says in words what a card shows", () => {
    show();
    expect(card(/^Ask the model/)).toHaveAccessibleName(
      "Ask the model, LLMNode, Succeeded, 542\u00a0ms, 37 tokens, 8\u00a0visits, 9\u00a0attempts",
    );
    expect(card(/^each/)).toHaveAccessibleName("each, ForEachNode, Running");
    expect(card(/^sub/)).toHaveAccessibleName("sub, SubWorkflowNode, Not yet");
  });

  it("says nothing of states without a run", () => {
    show(null);
    expect(card(/^each/)).toHaveAccessibleName("each, ForEachNode");
  });

  it("selects with Enter, shows what is selected, and lets go with Escape", async () => {
    const { user, onSelect } = show();
    await user.tab();
    expect(card(/^Ask the model/)).toHaveFocus();
    await user.keyboard("{Enter}");
    expect(onSelect).toHaveBeenLastCalledWith("first");
    expect(card(/^Ask the model/)).toHaveAttribute("aria-pressed", "true");
    await user.keyboard("{Escape}");
    expect(onSelect).toHaveBeenLastCalledWith(null);
  });

  it("goes from card to card with the arrows and through all of them with PageDown", async () => {
    const { user } = show();
    await user.tab();
    await user.keyboard("{ArrowRight}");
    expect(card(/^each/)).toHaveFocus();
    await user.keyboard("{PageDown}");
    expect(card(/^inner/)).toHaveFocus();
    await user.keyboard("{End}");
    expect(card(/^sub/)).toHaveFocus();
    await user.keyboard("{ArrowLeft}");
    expect(card(/^each/)).toHaveFocus();
    await user.keyboard("{Home}");
    expect(card(/^Ask the model/)).toHaveFocus();
  });

  it("is one stop on the way of the Tab key, with the buttons of the card that has the focus", async () => {
    const { user } = show();
    await user.tab();
    await user.keyboard("{ArrowRight}");
    await user.tab();
    const fold = screen.getByRole("button", { name: "What is inside of each" });
    expect(fold).toHaveFocus();
    expect(fold).toHaveAttribute("aria-expanded", "true");
    await user.keyboard("{Enter}");
    expect(fold).toHaveAttribute("aria-expanded", "false");
    expect(screen.queryByRole("button", { name: /^inner/ })).not.toBeInTheDocument();
    await user.tab();
    expect(screen.getByRole("button", { name: "Zoom in" })).toHaveFocus();
  });

  it("links to a workflow that is run by id", () => {
    show();
    expect(screen.getByRole("link", { name: "Open the workflow welcome" })).toHaveAttribute(
      "href",
      "/workflows/welcome/canvas",
    );
  });
});
