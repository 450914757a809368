import { buildSpanTree } from "./applySpans";
import { EVERYTHING, groupKey, toDepth, withFolds, type Expansion } from "./expansion";
import { filterSpans, NO_FILTERS } from "./filterSpans";
import { flattenRows, preorder, type RowOptions } from "./flattenRows";
import type { SpanRecord } from "./span";
import type { SpanTree } from "./spanTree";
import { failure, span } from "./testing";

const PLAIN: RowOptions = { expansion: EVERYTHING, sort: "start", groupOver: 8, matches: null, nowMs: 1_000 };

/** Rows as text: level, fold, name, place among siblings. */
function drawn(tree: SpanTree, options: Partial<RowOptions> = {}): string[] {
  const rows = flattenRows(tree, { ...PLAIN, ...options });
  return Array.from({ length: rows.length }, (_, at) => {
    const { span: index, group, level, position, setSize, expanded, matched } = rows.at(at);
    const name = group === null ? tree.get(index).displayName : `[${group.kind} ${group.members.length}]`;
    const fold = expanded === null ? " " : expanded ? "-" : "+";
    return `${"  ".repeat(level - 1)}${fold}${name} ${position}/${setSize}${matched ? "" : " passing"}`;
  });
}

const SMALL = [
  span("root", null),
  span("a", "root", { startMs: 1 }),
  span("a1", "a", { startMs: 2 }),
  span("b", "root", { startMs: 3, durationMs: 9 }),
];

function repeats(count: number, change: (place: number) => Partial<SpanRecord> = () => ({})): SpanRecord[] {
  return Array.from({ length: count }, (_, place) =>
    span(`step-${String(place).padStart(3, "0")}`, "root", {
      displayName: "step",
      nodeId: "step",
      startMs: place,
      ...change(place),
    }),
  );
}

const keyOfSteps = groupKey("root", "step", "step");

describe("rows of a tree", () => {
  it("are in order, with their place among their siblings", () => {
    expect(drawn(buildSpanTree(SMALL))).toEqual(
      ["-root 1/1", "  -a 1/2", "     a1 1/1", "   b 2/2"].map((line) => line),
    );
  });

  it("are all there, however many", () => {
    const many = Array.from({ length: 1_000 }, (_, place) => span(`s${place}`, "root", { startMs: place }));
    const rows = drawn(buildSpanTree([span("root", null), ...many]));
    expect(rows).toEqual(["-root 1/1", ...many.map(({ spanId }, place) => `   ${spanId} ${place + 1}/1000`)]);
  });

  it("leave out what is below a folded row", () => {
    const tree = buildSpanTree(SMALL);
    expect(drawn(tree, { expansion: withFolds(EVERYTHING, ["a"], false) })).toEqual([
      "-root 1/1",
      "  +a 1/2",
      "   b 2/2",
    ]);
    expect(drawn(tree, { expansion: toDepth(0) })).toEqual(["+root 1/1"]);
    expect(drawn(tree, { expansion: toDepth(2) })).toHaveLength(4);
    expect(drawn(tree, { expansion: withFolds(toDepth(0), ["root"], true) })).toEqual([
      "-root 1/1",
      "  +a 1/2",
      "   b 2/2",
    ]);
  });

  it("know the row of a span", () => {
    const tree = buildSpanTree(SMALL);
    const rows = flattenRows(tree, PLAIN);
    expect(rows.rowOf(tree.indexOf("b"))).toBe(3);
    expect(rows.rowOf(-1)).toBe(-1);
    const folded = flattenRows(tree, { ...PLAIN, expansion: toDepth(1) });
    expect(folded.rowOf(tree.indexOf("a1"))).toBe(-1);
  });

  it("are there for 100,000 levels", () => {
    const tree = buildSpanTree(
      Array.from({ length: 100_000 }, (_, at) => span(`s${at}`, at === 0 ? null : `s${at - 1}`, { startMs: at })),
    );
    const rows = flattenRows(tree, PLAIN);
    expect(rows.length).toBe(100_000);
    expect(rows.at(99_999).level).toBe(100_000);
    expect(preorder(tree)[99_999]).toBe(tree.indexOf("s99999"));
  });
});

describe("repeated siblings", () => {
  it("are one folded row when they are more than eight", () => {
    expect(drawn(buildSpanTree([span("root", null), ...repeats(8)]))).toHaveLength(9);
    expect(drawn(buildSpanTree([span("root", null), ...repeats(9)]))).toEqual(["-root 1/1", "  +[repeats 9] 1/1"]);
  });

  it("unfold to rows one level down", () => {
    const tree = buildSpanTree([span("root", null), ...repeats(9)]);
    const rows = drawn(tree, { expansion: withFolds(EVERYTHING, [keyOfSteps], true) });
    expect(rows).toHaveLength(11);
    expect(rows[2]).toBe("     step 1/9");
  });

  it("keep those that failed, or hold a failure, in sight", () => {
    const steps = repeats(12, (place) => (place === 4 ? failure : {}));
    const tree = buildSpanTree([span("root", null), ...steps, span("inner", "step-007", failure)]);
    expect(drawn(tree)).toEqual(["-root 1/1", "  +[repeats 10] 1/3", "   step 2/3", "  -step 3/3", "     inner 1/1"]);
  });

  it("hide failures as well when there are many", () => {
    expect(drawn(buildSpanTree([span("root", null), ...repeats(30, () => failure)]))).toEqual([
      "-root 1/1",
      "  +[repeats 30] 1/1",
    ]);
  });

  it("are grouped by name and node, not by name alone", () => {
    const tree = buildSpanTree([
      span("root", null),
      ...repeats(10, (place) => ({ nodeId: place < 5 ? "one" : "two" })),
    ]);
    expect(drawn(tree)).toHaveLength(11);
  });
});

describe("attempts", () => {
  it("are grouped by the visit they are made for, unfolded, with their number", () => {
    const attempt = (id: string, number: number, iteration: number | null, more = {}) =>
      span(id, "root", { displayName: "ask", nodeId: "ask", attempt: number, iteration, startMs: number, ...more });
    const tree = buildSpanTree([
      span("root", null),
      attempt("x1", 1, 1, failure),
      attempt("x2", 2, 1),
      attempt("y1", 1, 2, { startMs: 9 }),
    ]);
    expect(drawn(tree)).toEqual(["-root 1/1", "  -[attempts 2] 1/2", "     ask 1/2", "     ask 2/2", "   ask 2/2"]);
    expect(drawn(tree, { expansion: withFolds(EVERYTHING, ["attempts:x1"], false) })).toHaveLength(3);
  });
});

describe("filters and sorting", () => {
  const matching = (tree: SpanTree, ids: readonly string[]) =>
    Uint8Array.from(tree.spans, ({ spanId }) => (ids.includes(spanId) ? 1 : 0));

  it("keep the ancestors of what matches, marked as passing", () => {
    const tree = buildSpanTree(SMALL);
    expect(drawn(tree, { matches: matching(tree, ["a1"]) })).toEqual([
      "-root 1/1 passing",
      "  -a 1/1 passing",
      "     a1 1/1",
    ]);
    expect(drawn(tree, { matches: matching(tree, []) })).toEqual([]);
  });

  it("count what is grouped after filtering", () => {
    const tree = buildSpanTree([span("root", null), ...repeats(20)]);
    const flags = filterSpans(tree, { ...NO_FILTERS, minDurationMs: 5 }, null, new Set(), 0);
    expect(flags.reduce((sum, flag) => sum + flag, 0)).toBe(0);
    const nine = tree.spans.filter(({ displayName }) => displayName === "step").slice(0, 9);
    expect(
      drawn(tree, {
        matches: matching(
          tree,
          nine.map(({ spanId }) => spanId),
        ),
      })[1],
    ).toBe("  +[repeats 9] 1/1");
  });

  it("give a flat list, the largest first", () => {
    const tree = buildSpanTree([
      ...SMALL,
      span("running", "b", { startMs: 5, state: "RUNNING", durationMs: null, inputTokens: 3 }),
    ]);
    expect(drawn(tree, { sort: "duration" })[0]).toBe(" running 1/5");
    expect(drawn(tree, { sort: "duration" })[1]).toBe(" b 2/5");
    expect(drawn(tree, { sort: "tokens" })[0]).toBe(" running 1/5");
    expect(drawn(tree, { sort: "tokens" })[1]).toBe(" root 2/5");
  });

  it("does not depend on an expansion in a flat list", () => {
    const folded: Expansion = toDepth(0);
    expect(drawn(buildSpanTree(SMALL), { sort: "cost", expansion: folded })).toHaveLength(4);
  });
});

describe("children that are not read yet", () => {
  it("have a row below those that are, when their parent is unfolded", () => {
    const tree = buildSpanTree(SMALL);
    tree.expectChildren(tree.indexOf("root"), 5);
    tree.expectChildren(tree.indexOf("b"), 2);
    tree.expectChildren(tree.indexOf("a"), 1);
    expect(drawn(tree, { expansion: toDepth(1) })).toEqual(["-root 1/1", "  +a 1/3", "  +b 2/3", "   [unread 0] 3/3"]);
    expect(drawn(tree, { expansion: withFolds(toDepth(1), ["b"], true) })[3]).toBe("     [unread 0] 1/1");
    expect(tree.missingChildren(tree.indexOf("root"))).toBe(3);
    expect(tree.missingChildren(tree.indexOf("a1"))).toBe(0);
  });
});
