import { describe, expect, it } from "vitest";

import { flowOrder } from "./order";

const letters = (text: string) => Array.from(text);

const arrows = (...pairs: readonly string[]) => pairs.map((pair) => ({ source: pair[0] ?? "", target: pair[1] ?? "" }));

const backOf = (ids: string, pairs: readonly string[]) => {
  const { back } = flowOrder(letters(ids), arrows(...pairs));
  return pairs.filter((_, index) => back.has(index));
};

describe("flowOrder", () => {
  it("puts sources before targets", () => {
    expect(flowOrder(letters("dcba"), arrows("ab", "bc", "cd")).order).toEqual(letters("abcd"));
  });

  it("keeps the order of what is equal", () => {
    expect(flowOrder(letters("sabcj"), arrows("sa", "sb", "sc", "aj", "bj", "cj")).order).toEqual(letters("sabcj"));
  });

  it("waits for the longest way", () => {
    expect(flowOrder(letters("sjab"), arrows("sj", "sa", "ab", "bj")).order).toEqual(letters("sabj"));
  });

  it("finds what leads back, and only that", () => {
    expect(backOf("sabe", ["sa", "ab", "ba", "be"])).toEqual(["ba"]);
    expect(backOf("sae", ["sa", "aa", "ae"])).toEqual(["aa"]);
    expect(backOf("sabj", ["sa", "sb", "aj", "bj", "sj"])).toEqual([]);
  });

  it("closes a loop where the flow comes in, not where the document begins", () => {
    expect(backOf("bas", ["sa", "ab", "ba"])).toEqual(["ba"]);
  });

  it("orders a circle without a beginning", () => {
    const { order, back } = flowOrder(letters("abc"), arrows("ab", "bc", "ca"));
    expect(order).toEqual(letters("abc"));
    expect([...back]).toEqual([2]);
  });

  it("keeps what nothing leads to, and ignores arrows to nowhere", () => {
    expect(flowOrder(letters("sax"), arrows("sa", "az")).order).toEqual(letters("sax"));
  });

  it("goes through a long flow without recursion", () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => `n${index}`);
    const chain = ids.slice(1).map((target, index) => ({ source: `n${index}`, target }));
    const { order, back } = flowOrder(ids.toReversed(), chain);
    expect(order).toEqual(ids);
    expect(back.size).toBe(0);
  });
});
