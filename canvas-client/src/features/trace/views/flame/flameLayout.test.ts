import { describe, expect, it } from "vitest";

import { buildSpanTree } from "../../model/applySpans";
import { endMs } from "../../model/span";
import { randomness, span, stillRunning } from "../../model/testing";
import { layOutFlame, spanAt } from "./flameLayout";
import { flameNeighbour } from "./flameNeighbour";

const at = (startMs: number, durationMs: number) => ({ startMs, durationMs });

const rowsOf = (spans: Parameters<typeof buildSpanTree>[0]) => {
  const tree = buildSpanTree(spans);
  const { rows } = layOutFlame(tree);
  return Object.fromEntries(tree.spans.map(({ spanId }, index) => [spanId, rows[index]]));
};

describe("layOutFlame", () => {
  it("puts children below their parent and parallel ones below each other", () => {
    expect(
      rowsOf([
        span("root", null, at(0, 100)),
        span("a", "root", at(0, 50)),
        span("a1", "a", at(10, 30)),
        span("b", "root", at(20, 50)),
        span("b1", "b", at(30, 10)),
        span("c", "root", at(80, 10)),
      ]),
    ).toEqual({ root: 0, a: 1, a1: 2, b: 3, b1: 4, c: 1 });
  });

  it("keeps the row of what still runs free of all that comes later", () => {
    expect(
      rowsOf([
        span("root", null, at(0, 9)),
        span("a", "root", { startMs: 1, ...stillRunning }),
        span("b", "root", at(8, 1)),
      ]),
    ).toEqual({ root: 0, a: 1, b: 2 });
  });

  it("puts a parent first that starts with its child, whatever their ids", () => {
    expect(rowsOf([span("z", null, at(0, 10)), span("a", "z", at(0, 10))])).toEqual({ z: 0, a: 1 });
  });

  it("never lets bars cover each other nor lie above their parent", () => {
    const random = randomness(7);
    const spans = [span("0", null, at(0, 1_000))];
    for (let count = 1; count < 600; count += 1) {
      const parent = spans[Math.floor(random() * spans.length)];
      if (!parent) continue;
      const startMs = parent.startMs + random() * 50;
      spans.push(span(String(count), parent.spanId, at(startMs, random() * 200)));
    }
    const tree = buildSpanTree(spans);
    const { rows } = layOutFlame(tree);
    for (const [index, one] of tree.spans.entries()) {
      const parent = tree.parentOf(index);
      if (parent >= 0) expect(rows[index]).toBeGreaterThan(rows[parent] ?? 0);
      for (let other = 0; other < index; other += 1) {
        if (rows[other] !== rows[index]) continue;
        const before = tree.get(other);
        const apart = endMs(before, 0) <= one.startMs || endMs(one, 0) <= before.startMs;
        expect(apart).toBe(true);
      }
    }
  });

  it("takes 20,000 spans at once", () => {
    const spans = Array.from({ length: 20_000 }, (_, count) => span(`s${count}`, count === 0 ? null : "s0", at(0, 10)));
    expect(layOutFlame(buildSpanTree(spans)).rowCount).toBe(20_000);
  });
});

describe("spanAt", () => {
  const tree = buildSpanTree([
    span("root", null, at(0, 100)),
    span("a", "root", at(10, 20)),
    span("b", "root", at(40, 0)),
  ]);
  const layout = layOutFlame(tree);
  const find = (row: number, timeMs: number) => spanAt(tree, layout, row, timeMs, 0, 2);

  it("finds the bar below the pointer", () => {
    expect(find(0, 50)).toBe(tree.indexOf("root"));
    expect(find(1, 20)).toBe(tree.indexOf("a"));
    expect(find(1, 60)).toBe(-1);
    expect(find(5, 20)).toBe(-1);
  });

  it("finds a bar that is too short to hit", () => {
    expect(find(1, 41.5)).toBe(tree.indexOf("b"));
  });
});

describe("flameNeighbour", () => {
  const tree = buildSpanTree([
    span("root", null, at(0, 100)),
    span("a", "root", at(10, 20)),
    span("b", "root", at(40, 5)),
    span("b1", "b", at(41, 1)),
  ]);

  it.each([
    ["b", "ArrowUp", "root"],
    ["b", "ArrowDown", "b1"],
    ["b", "ArrowLeft", "a"],
    ["a", "ArrowRight", "b"],
    ["b", "Home", "a"],
    ["a", "End", "b"],
    ["b", "ArrowRight", null],
    ["root", "ArrowUp", null],
    ["b", "x", null],
  ])("from %s with %s to %s", (from, key, to) => {
    expect(flameNeighbour(tree, tree.indexOf(from), key)).toBe(to === null ? -1 : tree.indexOf(to));
  });

  it("begins at the first root", () => {
    expect(flameNeighbour(tree, -1, "ArrowDown")).toBe(tree.indexOf("root"));
  });
});
