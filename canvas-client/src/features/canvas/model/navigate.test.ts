import { describe, expect, it, test } from "vitest";

import { buildGraph } from "./buildGraph";
import { layoutGraph } from "./layout";
import type { Direction } from "./arrange";
import { moveFrom } from "./navigate";
import type { Move } from "./navigate";

const node = (name: string, rest: object = {}) => ({ name, type: "SetVariableNode", ...rest });

/** s leads to a, b and c beside each other, these to j; b has x inside. */
const GRAPH = buildGraph({
  nodes: [node("s"), node("a"), node("b", { body: node("x") }), node("c"), node("j")],
  edges: [["START", "s"]],
  parallel_branches: [{ source: "s", targets: ["a", "b", "c"], join: "j" }],
  conditional_edges: [{ source: "j", path: "j.again", mapping: { yes: "s", no: "END" } }],
});

const movesIn = (direction: Direction) => {
  const { boxes: all } = layoutGraph(GRAPH, new Set(), direction);
  const order = GRAPH.nodes.filter(({ role }) => role === "node").map(({ id }) => id);
  const boxes = new Map(Array.from(all).filter(([id]) => order.includes(id)));
  return (from: string, move: Move) => moveFrom(from, move, { order, boxes, edges: GRAPH.edges, direction });
};

describe("moveFrom", () => {
  const go = movesIn("right");

  it("goes along the edges, and stops at the end of the flow", () => {
    expect(["a", "b", "c"]).toContain(go("s", "right"));
    expect(go("a", "right")).toBe("j");
    expect(go("j", "left")).toMatch(/^[abc]$/);
    expect(go("a", "left")).toBe("s");
    expect(go("j", "right")).toBe("j");
    expect(go("s", "left")).toBe("s");
  });

  it("goes across the flow to what lies there, also into a body", () => {
    const column = ["a", "b", "b/x", "c"];
    const found = new Set(["a"]);
    for (const move of ["down", "up"] as const) {
      let at = "a";
      for (let next = go(at, move); next !== at; next = go(at, move)) {
        found.add(next);
        at = next;
      }
    }
    expect([...found].sort()).toEqual(column);
  });

  it("turns with the flow", () => {
    const down = movesIn("down");
    expect(down("a", "down")).toBe("j");
    expect(down("a", "up")).toBe("s");
    expect(down("s", "up")).toBe("s");
  });

  test.each<readonly [string, Move, string]>([
    ["s", "next", "a"],
    ["b", "next", "b/x"],
    ["j", "next", "j"],
    ["a", "previous", "s"],
    ["s", "previous", "s"],
    ["b", "first", "s"],
    ["b", "last", "j"],
  ])("from %s, %s is %s", (from, move, to) => {
    expect(go(from, move)).toBe(to);
  });

  it("stays where it is when that is not drawn", () => {
    expect(go("folded away", "right")).toBe("folded away");
  });
});
