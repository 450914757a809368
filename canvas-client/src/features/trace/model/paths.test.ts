import { buildSpanTree } from "./applySpans";
import { criticalPath } from "./criticalPath";
import { firstError, nextError, nextWhere } from "./navigate";
import { ownIntervals, selfTimeMs, skewOf } from "./selfTime";
import { preorder } from "./flattenRows";
import { failure, span, stillRunning } from "./testing";

const timed = (id: string, parent: string | null, startMs: number, endMs: number, more = {}) =>
  span(id, parent, { startMs, durationMs: endMs - startMs, ...more });

describe("the critical path", () => {
  it("goes back from the end through the child that ended last", () => {
    const tree = buildSpanTree([
      timed("root", null, 0, 100),
      timed("fast", "root", 10, 40),
      timed("slow", "root", 10, 60),
      timed("last", "root", 65, 95),
      timed("inner", "last", 70, 90),
    ]);
    const path = criticalPath(tree, tree.indexOf("root"), 0);
    const of = (id: string) => path.get(tree.indexOf(id));
    expect(of("fast")).toBeUndefined();
    expect(of("root")).toEqual([0, 10, 60, 65, 95, 100]);
    expect(of("slow")).toEqual([10, 60]);
    expect(of("last")).toEqual([65, 70, 90, 95]);
    expect(of("inner")).toEqual([70, 90]);
  });

  it("leaves out a child that outlives its parent", () => {
    const tree = buildSpanTree([timed("root", null, 0, 50), timed("background", "root", 10, 80)]);
    expect([...criticalPath(tree, 0, 0).keys()]).toEqual([0]);
  });

  it("of a running trace ends now", () => {
    const tree = buildSpanTree([
      span("root", null, stillRunning),
      span("child", "root", { ...stillRunning, startMs: 30 }),
    ]);
    expect(criticalPath(tree, 0, 70).get(1)).toEqual([30, 70]);
  });
});

describe("own time", () => {
  it("is what no child covers", () => {
    const tree = buildSpanTree([
      timed("root", null, 0, 100),
      timed("a", "root", 10, 30),
      timed("b", "root", 20, 50),
      timed("c", "root", 90, 130),
    ]);
    expect(ownIntervals(tree, 0, 0)).toEqual([0, 10, 50, 90]);
    expect(selfTimeMs(tree, 0, 0)).toBe(50);
    expect(selfTimeMs(tree, tree.indexOf("a"), 0)).toBe(20);
  });

  it("of a running span goes on until now, unless a child runs", () => {
    const alone = buildSpanTree([span("root", null, stillRunning), timed("a", "root", 10, 30)]);
    expect(ownIntervals(alone, 0, 80)).toEqual([0, 10, 30, 80]);
    const busy = buildSpanTree([span("root", null, stillRunning), span("a", "root", { ...stillRunning, startMs: 10 })]);
    expect(ownIntervals(busy, 0, 80)).toEqual([0, 10]);
  });
});

describe("clocks that disagree", () => {
  it("are told by a child outside of its parent's time, from a millisecond on", () => {
    const tree = buildSpanTree([
      timed("root", null, 10, 100),
      timed("inside", "root", 9.5, 100.5),
      timed("early", "root", 5, 50),
      timed("late", "root", 50, 140),
      span("backwards", "root", { startMs: 20, durationMs: 0, endsBeforeStart: true }),
    ]);
    const of = (id: string) => skewOf(tree, tree.indexOf(id));
    expect([of("root"), of("inside"), of("early"), of("late"), of("backwards")]).toEqual([
      null,
      null,
      "before-parent",
      "after-parent",
      "ends-before-start",
    ]);
  });
});

describe("stepping through failures", () => {
  const tree = buildSpanTree([
    span("root", null, failure),
    span("a", "root", { startMs: 1 }),
    span("a1", "a", { startMs: 2, ...failure }),
    span("b", "root", { startMs: 3 }),
    span("c", "root", { startMs: 4, ...failure }),
  ]);
  const step = (from: string | null, backwards = false) =>
    tree.get(nextError(tree, from === null ? -1 : tree.indexOf(from), backwards)).spanId;

  it("begins with the cause, not with those that passed it on", () => {
    expect(tree.get(firstError(tree)).spanId).toBe("a1");
    expect(firstError(buildSpanTree([span("fine", null)]))).toBe(-1);
  });

  it("goes in the order of the tree and starts over", () => {
    expect([step(null), step("root"), step("a1"), step("b"), step("c")]).toEqual(["root", "a1", "c", "c", "root"]);
    expect([step("c", true), step("a1", true), step("root", true)]).toEqual(["a1", "root", "c"]);
    expect(nextError(buildSpanTree([span("fine", null)]), 0, false)).toBe(-1);
  });

  it("finds the next of any kind", () => {
    const order = preorder(tree);
    const isB = (index: number) => tree.get(index).spanId === "b";
    expect(nextWhere(order, tree.indexOf("c"), isB)).toBe(tree.indexOf("b"));
    expect(nextWhere(order, -1, () => false)).toBe(-1);
  });
});
