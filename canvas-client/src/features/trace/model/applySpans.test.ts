import { applySpans, buildSpanTree } from "./applySpans";
import type { SpanRecord } from "./span";
import { SpanTree } from "./spanTree";
import { failure, randomness, shuffled, span, stillRunning } from "./testing";

/** The tree as text: two blanks a level, with the marks of roots that have a parent. */
function drawn(tree: SpanTree): string[] {
  const lines: string[] = [];
  const draw = (index: number, depth: number) => {
    const mark = tree.isOrphan(index) ? " (orphan)" : tree.isCycleBreak(index) ? " (cycle)" : "";
    lines.push(`${"  ".repeat(depth)}${tree.get(index).spanId}${mark}`);
    for (const child of tree.childrenOf(index)) draw(child, depth + 1);
  };
  for (const root of tree.roots) draw(root, 0);
  return lines;
}

const FAMILY = [
  span("root", null, { durationMs: 100 }),
  span("a", "root", { startMs: 1 }),
  span("b", "root", { startMs: 5, ...failure }),
  span("a1", "a", { startMs: 2 }),
  span("a2", "a", { startMs: 3, ...stillRunning }),
];

describe("a tree of spans", () => {
  it("orders siblings by start and then by id", () => {
    const tree = buildSpanTree([
      span("root", null),
      span("y", "root"),
      span("x", "root"),
      span("first", "root", { startMs: -1 }),
    ]);
    expect(drawn(tree)).toEqual(["root", "  first", "  x", "  y"]);
  });

  it("is the same in whatever order, and however often, its spans come", () => {
    const expected = drawn(buildSpanTree(FAMILY));
    expect(expected).toEqual(["root", "  a", "    a1", "    a2", "  b"]);
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = randomness(seed);
      const tree = new SpanTree();
      for (const each of shuffled([...FAMILY, ...FAMILY], random)) applySpans(tree, [each]);
      expect(drawn(tree)).toEqual(expected);
      expect(tree.below(tree.indexOf("root"))).toMatchObject({ spans: 4, errors: 1, running: 1 });
    }
  });

  it("keeps the highest revision of a span", () => {
    const tree = buildSpanTree([span("s", null, { revision: 2, name: "newer" })]);
    expect(applySpans(tree, [span("s", null, { revision: 1, name: "older" })])).toBe(false);
    expect(applySpans(tree, [span("s", null, { revision: 2, name: "same" })])).toBe(false);
    expect(tree.byId("s")?.name).toBe("newer");
    expect(applySpans(tree, [span("s", null, { revision: 3, name: "newest" })])).toBe(true);
    expect(tree.byId("s")?.name).toBe("newest");
    expect(tree.size).toBe(1);
  });

  it("shows a span whose parent is not known as a marked root until the parent comes", () => {
    const tree = buildSpanTree([span("root", null), span("child", "parent", { startMs: 2 })]);
    expect(drawn(tree)).toEqual(["root", "child (orphan)"]);
    applySpans(tree, [span("parent", "root", { startMs: 1 })]);
    expect(drawn(tree)).toEqual(["root", "  parent", "    child"]);
    expect(tree.below(tree.indexOf("root")).spans).toBe(2);
  });

  it("breaks a cycle of parents at the span that started first, whichever came first", () => {
    const cycle = [
      span("a", "c", { startMs: 3 }),
      span("b", "a", { startMs: 1 }),
      span("c", "b", { startMs: 2 }),
      span("below", "a", { startMs: 4, ...failure }),
    ];
    for (let seed = 1; seed <= 20; seed += 1) {
      const tree = new SpanTree();
      for (const each of shuffled(cycle, randomness(seed))) applySpans(tree, [each]);
      expect(drawn(tree)).toEqual(["b (cycle)", "  c", "    a", "      below"]);
      expect(tree.below(tree.indexOf("b"))).toMatchObject({ spans: 3, errors: 1 });
      expect(tree.below(tree.indexOf("a"))).toMatchObject({ spans: 1, errors: 1 });
    }
  });

  it("makes a span that is its own parent a root", () => {
    expect(drawn(buildSpanTree([span("self", "self")]))).toEqual(["self (cycle)"]);
  });

  it("moves a span with all below it when a newer revision names another parent", () => {
    const tree = buildSpanTree(FAMILY);
    applySpans(tree, [span("a", "b", { revision: 2, startMs: 6 })]);
    expect(drawn(tree)).toEqual(["root", "  b", "    a", "      a1", "      a2"]);
    expect(tree.below(tree.indexOf("b")).spans).toBe(3);
    expect(tree.below(tree.indexOf("root")).spans).toBe(4);
  });

  it("puts a span in place again when its start changes", () => {
    const tree = buildSpanTree(FAMILY);
    applySpans(tree, [span("a", "root", { revision: 2, startMs: 9 })]);
    expect(tree.childrenOf(tree.indexOf("root")).map((index) => tree.get(index).spanId)).toEqual(["b", "a"]);
  });
});

describe("sums over a subtree", () => {
  it("follow a span from running to failed", () => {
    const tree = buildSpanTree([span("root", null), span("a", "root"), span("b", "a", stillRunning)]);
    expect(tree.below(0)).toMatchObject({ errors: 0, running: 1 });
    expect(tree.runningSpans.size).toBe(1);
    applySpans(tree, [span("b", "a", { revision: 2, ...failure })]);
    expect(tree.below(0)).toMatchObject({ errors: 1, running: 0 });
    expect(tree.errorCount).toBe(1);
    expect(tree.runningSpans.size).toBe(0);
  });

  it("do not count usage again that a span repeats from those below it", () => {
    const used = (input: number, output: number): Partial<SpanRecord> => ({ inputTokens: input, outputTokens: output });
    const tree = buildSpanTree([
      span("root", null, used(30, 12)),
      span("agent", "root", used(30, 12)),
      span("call-1", "agent", { ...used(10, 5), costUsd: 0.25 }),
      span("call-2", "agent", { ...used(20, 7), costUsd: 0.5 }),
    ]);
    expect(tree.subtreeTokens(tree.indexOf("root"))).toBe(42);
    expect(tree.subtreeCostUsd(tree.indexOf("root"))).toBe(0.75);
    expect(tree.subtreeTokens(tree.indexOf("call-1"))).toBe(15);
    expect(tree.subtreeUnpriced(tree.indexOf("root"))).toBe(0);
    applySpans(tree, [span("call-2", "agent", { revision: 2, ...used(40, 7), costUsd: null })]);
    expect(tree.subtreeTokens(tree.indexOf("root"))).toBe(62);
    expect(tree.subtreeCostUsd(tree.indexOf("root"))).toBe(0.25);
    expect(tree.subtreeUnpriced(tree.indexOf("root"))).toBe(47);
  });

  it("are right after many merges, as if built at once", () => {
    const random = randomness(7);
    const spans = Array.from({ length: 600 }, (_, place) =>
      span(`s${place}`, place === 0 ? null : `s${Math.floor(random() * place)}`, {
        startMs: Math.floor(random() * 50),
        inputTokens: Math.floor(random() * 3),
        ...(random() < 0.1 && failure),
      }),
    );
    const whole = buildSpanTree(spans);
    const grown = new SpanTree();
    const order = shuffled(spans, random);
    for (let at = 0; at < order.length; at += 7) applySpans(grown, order.slice(at, at + 7));
    expect(drawn(grown)).toEqual(drawn(whole));
    for (const { spanId } of spans) {
      expect(grown.below(grown.indexOf(spanId))).toEqual(whole.below(whole.indexOf(spanId)));
    }
  });
});

describe("large traces", () => {
  it("takes 100,000 levels without recursion", () => {
    const chain = Array.from({ length: 100_000 }, (_, depth) =>
      span(`s${depth}`, depth === 0 ? null : `s${depth - 1}`, { startMs: depth }),
    );
    const tree = buildSpanTree(chain.toReversed());
    expect(tree.descendantCount(tree.indexOf("s0"))).toBe(99_999);
    applySpans(tree, [span("s99999", "s99998", { revision: 2, startMs: 99_999, ...failure })]);
    expect(tree.errorsBelow(tree.indexOf("s0"))).toBe(1);
  });

  it("takes a parent that comes after its 100,000 children", () => {
    const children = Array.from({ length: 100_000 }, (_, place) => span(`s${place}`, "root", { startMs: place }));
    const tree = buildSpanTree([...children, span("root", null)]);
    expect(tree.roots).toEqual([tree.indexOf("root")]);
    expect(tree.childrenOf(tree.indexOf("root"))).toHaveLength(100_000);
  });
});
