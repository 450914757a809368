import { describe, expect, it } from "vitest";

import { deriveGraph } from "./derivedGraph";
import type { SeenSpan } from "./derivedGraph";

let count = 0;

/** A span of a node from `start` to `end`; null is a span that names none. */
const span = (nodeId: string | null, start: number, end: number | null, rest: Partial<SeenSpan> = {}): SeenSpan => ({
  spanId: `s${(count += 1)}`,
  parentSpanId: "root",
  nodeId,
  nodeType: null,
  displayName: nodeId ?? "span",
  startOffsetMs: start,
  durationMs: end === null ? null : end - start,
  ...rest,
});

const ROOT = span(null, 0, 100, { spanId: "root", parentSpanId: null });

const edgesOf = (...spans: readonly SeenSpan[]) =>
  deriveGraph([ROOT, ...spans]).edges.map(({ source, target, back }) => `${source}${back ? "~" : "-"}>${target}`);

describe("deriveGraph", () => {
  it("takes what came after for what follows", () => {
    expect(edgesOf(span("b", 10, 20), span("a", 0, 10), span("c", 25, 30))).toEqual(["a->b", "b->c"]);
  });

  it("sees branches and the join", () => {
    expect(edgesOf(span("s", 0, 1), span("a", 2, 8), span("b", 3, 6), span("j", 9, 10)).sort()).toEqual([
      "a->j",
      "b->j",
      "s->a",
      "s->b",
    ]);
  });

  it("folds a loop", () => {
    const spans = [span("a", 0, 1), span("b", 1, 2), span("a", 2, 3), span("b", 3, 4), span("end", 5, 6)];
    expect(edgesOf(...spans)).toEqual(["a->b", "b~>a", "b->end"]);
    expect(deriveGraph(spans).nodes.map(({ id }) => id)).toEqual(["a", "b", "end"]);
  });

  it("follows nothing on what still runs", () => {
    expect(edgesOf(span("a", 0, null), span("b", 5, 6))).toEqual([]);
  });

  it("follows what took no time", () => {
    expect(edgesOf(span("a", 0, 0), span("b", 1, 1), span("c", 2, 3))).toEqual(["a->b", "b->c"]);
  });

  it("puts nodes inside of the node whose span contains theirs, however far above", () => {
    const outer = span("agent", 0, 10, { spanId: "outer" });
    const between = span(null, 1, 9, { spanId: "between", parentSpanId: "outer" });
    const inner = span("tool", 2, 3, { parentSpanId: "between" });
    const { nodes } = deriveGraph([ROOT, outer, between, inner]);
    expect(nodes.map(({ id, scope, body }) => [id, scope, body])).toEqual([
      ["agent", null, "workflow"],
      ["tool", "agent", null],
    ]);
  });

  it("does not take a span within a node's own for a visit", () => {
    const outer = span("a", 0, 10, { spanId: "a1" });
    expect(deriveGraph([ROOT, outer, span("a", 1, 2, { parentSpanId: "a1" })]).nodes).toHaveLength(1);
  });

  it("tells name and type of the first visit", () => {
    const [node] = deriveGraph([span("a", 0, 1, { displayName: "Ask", nodeType: "LLM" })]).nodes;
    expect(node).toMatchObject({ label: "Ask", type: "LLM", name: "a", role: "node" });
  });

  it("shows orphans, and survives spans that contain each other", () => {
    const orphan = span("o", 0, 1, { parentSpanId: "never came" });
    const one = span("x", 2, 3, { spanId: "x1", parentSpanId: "y1" });
    const two = span("y", 2, 3, { spanId: "y1", parentSpanId: "x1" });
    expect(deriveGraph([orphan, one, two]).nodes.map(({ id }) => id)).toEqual(["o"]);
  });

  it("is empty when spans name no nodes", () => {
    expect(deriveGraph([ROOT, span(null, 0, 1)])).toEqual({ nodes: [], edges: [] });
  });

  it("reads thousands of visits of a loop", () => {
    const visits = Array.from({ length: 20_000 }, (_, at) => span(at % 2 === 0 ? "a" : "b", at, at + 1));
    expect(edgesOf(...visits)).toEqual(["a->b", "b~>a"]);
  });
});
