import { describe, expect, it } from "vitest";

import { alignRuns, sameValue } from "./alignRuns";
import type { ComparedSpan } from "./alignRuns";

const span = (spanId: string, parentSpanId: string | null, more: Partial<ComparedSpan> = {}): ComparedSpan => ({
  spanId,
  parentSpanId,
  displayName: spanId,
  category: "NODE",
  state: "ENDED",
  status: { code: "OK" },
  durationMs: 10,
  tokenUsage: { input: 0, output: 0 },
  ...more,
});

const run = span("run", null);
const node = (nodeId: string, iteration = 1, more: Partial<ComparedSpan> = {}) =>
  span(`${nodeId}${iteration}${more.attempt ?? ""}`, "run", { nodeId, iteration, attempt: 1, ...more });

const keys = (first: readonly ComparedSpan[], second: readonly ComparedSpan[]) =>
  alignRuns(first, second).map(({ a, b }) => [a?.span.spanId ?? null, b?.span.spanId ?? null]);

describe("the steps of two runs", () => {
  it("are matched by node and visit, and keep the order of the runs", () => {
    const first = [run, node("plan"), node("think"), node("think", 2), node("report")];
    const second = [run, node("start"), node("plan"), node("think"), node("check"), node("report")];
    expect(keys(first, second)).toEqual([
      [null, "start1"],
      ["plan1", "plan1"],
      ["think1", "think1"],
      [null, "check1"],
      ["think2", null],
      ["report1", "report1"],
    ]);
  });

  it("stand for all attempts, and show the last", () => {
    const [pair] = alignRuns([run, node("a", 1, { attempt: 1 }), node("a", 1, { attempt: 2, durationMs: 5 })], [run]);
    expect(pair?.a).toMatchObject({ attempts: 2, durationMs: 15, span: { spanId: "a12" } });
  });

  it("of the same name and visit that are no retry are told apart", () => {
    const items = [span("x", "run", { nodeId: "item" }), span("y", "run", { nodeId: "item" })];
    expect(keys([run, ...items], [run, ...items])).toEqual([
      ["x", "x"],
      ["y", "y"],
    ]);
  });

  it("below others are matched on their path, though a clock turns parent and child round", () => {
    const inner = span("inner", "mid", { nodeId: "call" });
    const first = [inner, run, node("outer"), span("mid", "outer1")];
    const second = [run, node("outer"), span("mid", "outer1"), inner, span("other", "run", { nodeId: "call" })];
    expect(alignRuns(first, second).map(({ key, depth, a, b }) => [key, depth, a !== null, b !== null])).toEqual([
      ["/outer#1", 0, true, true],
      ["/outer#1/call#1", 1, true, true],
      ["/call#1", 0, false, true],
    ]);
  });

  it("go by their names where no engine names nodes", () => {
    const others = (id: string) => [
      span(`root${id}`, null, { displayName: "handle" }),
      span(id, `root${id}`, { displayName: "chat" }),
    ];
    expect(keys(others("1"), others("2"))).toEqual([
      ["root1", "root2"],
      ["1", "2"],
    ]);
  });

  it("count the tokens below them once", () => {
    const used = { tokenUsage: { input: 8, output: 2 } };
    const [pair] = alignRuns(
      [
        run,
        node("agent", 1, { tokenUsage: { input: 20, output: 5 } }),
        span("c1", "agent1", used),
        span("c2", "agent1", used),
      ],
      [run, node("agent", 1, used)],
    );
    expect([pair?.a?.tokens, pair?.b?.tokens]).toEqual([20, 10]);
  });

  it("end where parents form a circle", () => {
    const circle = [span("x", "y", { nodeId: "x" }), span("y", "x", { nodeId: "y" })];
    expect(alignRuns(circle, circle)).toHaveLength(2);
  });
});

it("tells values apart, not the order of their keys", () => {
  expect(sameValue({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
  expect(sameValue([1, 2], [2, 1])).toBe(false);
  expect(sameValue(null, undefined)).toBe(true);
});
