import { describe, expect, it } from "vitest";

import { buildGraph } from "./buildGraph";
import { CARD, HEAD_HEIGHT, fittingDirection, layoutGraph, shownNodes } from "./layout";
import type { Box, Direction } from "./arrange";

const node = (name: string, rest: object = {}) => ({ name, type: "SetVariableNode", ...rest });
const BRANCHES = Array.from("abcdefg");
const NONE: ReadonlySet<string> = new Set();

const chain = (count: number) => ({
  nodes: Array.from({ length: count }, (_, index) => node(`n${index}`)),
  edges: [["START", "n0"], ...Array.from({ length: count - 1 }, (_, index) => [`n${index}`, `n${index + 1}`])],
});

const WITH_BODY = {
  nodes: [
    node("before"),
    node("each", {
      body: {
        nodes: [node("x"), node("y"), node("z")],
        edges: [
          ["START", "x"],
          ["x", "y"],
          ["y", "z"],
        ],
      },
    }),
    node("after"),
  ],
  edges: [
    ["START", "before"],
    ["before", "each"],
    ["each", "after"],
  ],
};

const LOOP = {
  nodes: [node("a"), node("b"), node("c")],
  edges: [
    ["START", "a"],
    ["a", "b"],
    ["b", "c"],
  ],
  conditional_edges: [{ source: "c", path: "c.more", mapping: { yes: "a", no: "END" } }],
};

const boxesOf = (definition: unknown, direction: Direction = "right", folded = NONE) => {
  const layout = layoutGraph(buildGraph(definition), folded, direction);
  return (id: string): Box => {
    const box = layout.boxes.get(id);
    if (!box) throw new Error(`${id} is not drawn`);
    return box;
  };
};

const overlap = (one: Box, other: Box) =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

const within = (inner: Box, outer: Box) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

describe("layoutGraph", () => {
  it("lets the flow go to the right, or down", () => {
    const right = boxesOf(chain(3));
    expect(right("n1").x).toBeGreaterThan(right("n0").x + CARD.width);
    expect(right("n1").y).toBe(right("n0").y);
    const down = boxesOf(chain(3), "down");
    expect(down("n1").y).toBeGreaterThan(down("n0").y + CARD.height);
    expect(down("n1").x).toBe(down("n0").x);
    expect(down("n0")).toMatchObject(CARD);
  });

  it.each(["right", "down"] as const)("draws nothing over something else, flowing %s", (direction) => {
    const wide = {
      nodes: ["s", ...BRANCHES, "j"].map((name) => node(name)),
      edges: [["START", "s"]],
      parallel_branches: [{ source: "s", targets: BRANCHES, join: "j" }],
    };
    const { boxes } = layoutGraph(buildGraph(wide), NONE, direction);
    const all = Array.from(boxes.values());
    expect(all.flatMap((one, index) => all.slice(index + 1).filter((other) => overlap(one, other)))).toEqual([]);
  });

  it.each(["right", "down"] as const)("frames a body below the head of its node, flowing %s", (direction) => {
    const box = boxesOf(WITH_BODY, direction);
    for (const id of ["each/x", "each/y", "each/z", "each/START"]) {
      expect(within(box(id), box("each")), id).toBe(true);
      expect(box(id).y).toBeGreaterThan(box("each").y + HEAD_HEIGHT);
    }
    expect(overlap(box("each"), box("after"))).toBe(false);
    expect(overlap(box("each"), box("before"))).toBe(false);
  });

  it("draws a folded node as a card, and nothing of what is inside", () => {
    const layout = layoutGraph(buildGraph(WITH_BODY), new Set(["each"]), "right");
    expect(layout.boxes.get("each")).toMatchObject(CARD);
    expect(Array.from(layout.boxes.keys()).filter((id) => id.startsWith("each/"))).toEqual([]);
    expect(Array.from(layout.routes.keys()).filter((id) => id.startsWith("each/"))).toEqual([]);
    expect(layout.routes.has("each→after")).toBe(true);
  });

  it.each(["right", "down"] as const)("stays within its size, flowing %s", (direction) => {
    for (const definition of [chain(4), WITH_BODY, LOOP]) {
      const { boxes, routes, width, height } = layoutGraph(buildGraph(definition), NONE, direction);
      const whole = { x: 0, y: 0, width, height };
      for (const box of boxes.values()) expect(within(box, whole)).toBe(true);
      for (const { arrow } of routes.values()) expect(within({ ...arrow, width: 0, height: 0 }, whole)).toBe(true);
    }
  });

  it("ends a line at the side where its target is entered", () => {
    const layout = layoutGraph(buildGraph(chain(2)), NONE, "right");
    const target = layout.boxes.get("n1");
    expect(layout.routes.get("n0→n1")?.arrow).toEqual({ x: target?.x, y: (target?.y ?? 0) + CARD.height / 2 });
  });

  it("leads a loop back below what it passes", () => {
    const layout = layoutGraph(buildGraph(LOOP), NONE, "right");
    const route = layout.routes.get("c→a:yes");
    const lowest = Math.max(...Array.from(layout.boxes.values(), ({ y, height }) => y + height));
    expect(route?.label?.y).toBeGreaterThan(lowest);
    const a = layout.boxes.get("a");
    expect(route?.arrow.y).toBe((a?.y ?? 0) + (a?.height ?? 0));
  });

  it("keeps loops apart that pass the same place", () => {
    const nested = {
      ...LOOP,
      conditional_edges: [
        { source: "c", path: "x", mapping: { outer: "a" }, default: "END" },
        { source: "b", path: "y", mapping: { inner: "a" }, default: "c" },
      ],
    };
    const { routes } = layoutGraph(buildGraph(nested), NONE, "right");
    const inner = routes.get("b→a:inner")?.label?.y ?? 0;
    expect(routes.get("c→a:outer")?.label?.y).toBeGreaterThanOrEqual(inner + 16);
  });

  it("stands the label of a branch on its line, clear of the cards", () => {
    const { boxes, routes } = layoutGraph(buildGraph(LOOP), NONE, "right");
    const label = routes.get("c→END:no")?.label;
    expect(label).toBeTruthy();
    const plate = { x: (label?.x ?? 0) - 10, y: (label?.y ?? 0) - 9, width: 20, height: 18 };
    expect(Array.from(boxes.values()).some((box) => overlap(box, plate))).toBe(false);
  });

  it("keeps a short branch near where it comes from, however far END is", () => {
    const { nodes, edges } = chain(12);
    const short = ["x", "y", "z"].map((name) => node(name));
    const box = boxesOf({
      nodes: [...nodes, node("w"), ...short],
      edges: [...edges, ["n0", "w"], ["w", "x"], ["w", "y"], ["w", "z"]],
    });
    expect(box("w").x).toBe(box("n1").x);
    expect(box("x").x).toBe(box("n2").x);
  });

  it("leaves END at the far end of a large graph, with a line from every leaf", () => {
    const { nodes, edges } = chain(150);
    const leaves = Array.from({ length: 20 }, (_, index) => node(`leaf${index}`));
    const graph = buildGraph({
      nodes: [...nodes, ...leaves],
      edges: [...edges, ...leaves.map(({ name }, index) => [`n${index}`, name])],
    });
    const { boxes, routes } = layoutGraph(graph, NONE, "right");
    const end = boxes.get("END");
    expect(Math.max(...Array.from(boxes.values(), ({ x }) => x))).toBe(end?.x);
    for (const { name } of leaves) {
      expect(routes.get(`${name}→END`)?.arrow).toEqual({ x: end?.x, y: (end?.y ?? 0) + (end?.height ?? 0) / 2 });
    }
    expect(boxes.get("leaf0")?.x).toBe(boxes.get("n1")?.x);
  });

  it("places 500 nodes", () => {
    const { boxes } = layoutGraph(buildGraph(chain(500)), NONE, "right");
    expect(boxes.size).toBe(502);
  });

  it("has no size without nodes", () => {
    expect(layoutGraph({ nodes: [], edges: [] }, NONE, "right")).toMatchObject({ width: 0, height: 0 });
  });
});

describe("shownNodes", () => {
  it("hides what is inside of what is inside of a fold", () => {
    const deep = {
      nodes: [node("outer", { body: node("inner", { body: node("core") }) })],
      edges: [["START", "outer"]],
    };
    const shown = shownNodes(buildGraph(deep), new Set(["outer"])).map(({ id }) => id);
    expect(shown).toEqual(["START", "outer", "END"]);
  });
});

describe("fittingDirection", () => {
  it("is the one in which more can be read", () => {
    const graph = buildGraph(chain(6));
    expect(fittingDirection(graph, NONE, { width: 360, height: 700 })).toBe("down");
    expect(fittingDirection(graph, NONE, { width: 1800, height: 300 })).toBe("right");
    expect(fittingDirection(buildGraph(chain(1)), NONE, { width: 1000, height: 1000 })).toBe("right");
    expect(fittingDirection(graph, NONE, { width: 0, height: 0 })).toBe("right");
  });
});
