import { describe, expect, it } from "vitest";

import { buildGraph } from "./buildGraph";
import { runOf } from "./fixtures";
import { selectedNode, writeSelection } from "./selection";

const node = (name: string, rest: object = {}) => ({ name, type: "SetVariableNode", ...rest });

const GRAPH = buildGraph({
  nodes: [node("a"), node("each", { body: { name: "round", nodes: [node("a"), node("b")], edges: [["START", "a"]] } })],
  edges: [
    ["START", "a"],
    ["a", "each"],
  ],
});

const RUNS = new Map([
  ["a", runOf("a", { lastSpanId: "span-a" })],
  ["b", runOf("b", { lastSpanId: "span-b" })],
]);

const select = (spanId: string | null, nodesOfSpan: readonly string[] = [], nodeId: string | null = null) =>
  selectedNode(GRAPH, { spanId, nodesOfSpan, nodeId, runs: RUNS })?.id ?? null;

describe("selectedNode", () => {
  it("is the node that the span is the last visit of", () => {
    expect(select("span-b")).toBe("each/b");
  });

  it("is the innermost drawn node that the span is in", () => {
    expect(select("some call", ["inside of another workflow", "b", "each"])).toBe("each/b");
    expect(select("some round", ["round"])).toBe("each");
    expect(select("root", [])).toBeNull();
  });

  it("is told by the address where there is no span, or no other way to tell", () => {
    expect(select(null, [], "each")).toBe("each");
    expect(select(null, [], "gone")).toBeNull();
    expect(select("span-a")).toBe("a");
    expect(select("span-a", [], "each/a")).toBe("each/a");
    expect(select("span-b", [], "a")).toBe("each/b");
  });
});

describe("writeSelection", () => {
  const written = (id: string | null, before = "view=x&span=old&node=old") => {
    const params = new URLSearchParams(before);
    const chosen = GRAPH.nodes.find((one) => one.id === id) ?? null;
    writeSelection(params, GRAPH, chosen, (chosen && RUNS.get(chosen.name)) ?? null, "run-1");
    return Object.fromEntries(params);
  };

  it("names the span of the node's last visit, and its run", () => {
    expect(written("each/b")).toEqual({ view: "x", execution: "run-1", span: "span-b" });
  });

  it("names the node as well when others share its name", () => {
    expect(written("each/a")).toEqual({ view: "x", execution: "run-1", span: "span-a", node: "each/a" });
  });

  it("names a node that has not run", () => {
    expect(written("each")).toEqual({ view: "x", node: "each" });
  });

  it("takes a selection back", () => {
    expect(written(null)).toEqual({ view: "x" });
  });
});
