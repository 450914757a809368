import { buildSpanTree } from "./applySpans";
import { ServerClock } from "./clock";
import { countFacets, filterSpans, NO_FILTERS } from "./filterSpans";
import { preorder } from "./flattenRows";
import { minimapRuns } from "./minimap";
import { summarizeGroup, median } from "./siblings";
import { NO_MARKS, SpanReader, type WireSpan } from "./span";
import { failure, span, stillRunning } from "./testing";
import { visibleName } from "./visibleName";

describe("the minimap", () => {
  it("paints failures over all else, and at least three cells wide", () => {
    const tree = buildSpanTree([
      span("root", null, { category: "WORKFLOW", durationMs: 100 }),
      span("call", "root", { category: "LLM", startMs: 20, durationMs: 40 }),
      span("tool", "root", { category: "TOOL", startMs: 30, durationMs: 0, ...failure }),
    ]);
    const runs = minimapRuns(tree, preorder(tree), { startMs: 0, endMs: 100 }, 100, 1, 100);
    expect(runs).toEqual([
      { lane: 0, from: 0, to: 20, colour: 0 },
      { lane: 0, from: 20, to: 30, colour: 3 },
      { lane: 0, from: 30, to: 33, colour: -1 },
      { lane: 0, from: 33, to: 60, colour: 3 },
      { lane: 0, from: 60, to: 100, colour: 0 },
    ]);
  });

  it("spreads the spans over its lanes in their order", () => {
    const tree = buildSpanTree([span("a", null), span("b", "a", stillRunning)]);
    const lanes = minimapRuns(tree, preorder(tree), { startMs: 0, endMs: 10 }, 10, 2, 10).map(({ lane, to }) => [
      lane,
      to,
    ]);
    expect(lanes).toEqual([
      [0, 1],
      [1, 10],
    ]);
    expect(minimapRuns(tree, [], { startMs: 0, endMs: 10 }, 10, 2, 10)).toEqual([]);
  });
});

describe("filters", () => {
  const tree = buildSpanTree([
    span("a", null, { category: "LLM", inputTokens: 50, durationMs: 20 }),
    span("b", "a", { category: "LLM", ...failure }),
    span("c", "a", { category: "TOOL", ...stillRunning }),
    span("d", "a", { state: "ABANDONED", durationMs: null }),
  ]);
  const passing = (filters: Partial<typeof NO_FILTERS>) =>
    [...filterSpans(tree, { ...NO_FILTERS, ...filters }, null, new Set(), 500)].flatMap((flag, index) =>
      flag === 1 ? tree.get(index).spanId : [],
    );

  it("hold together", () => {
    expect(passing({})).toEqual(["a", "b", "c", "d"]);
    expect(passing({ categories: new Set(["LLM"]) })).toEqual(["a", "b"]);
    expect(passing({ categories: new Set(["LLM", "TOOL"]), outcomes: new Set(["error", "running"]) })).toEqual([
      "b",
      "c",
    ]);
    expect(passing({ minDurationMs: 10 })).toEqual(["a", "c"]);
    expect(passing({ minTokens: 50 })).toEqual(["a"]);
    expect(passing({ outcomes: new Set(["abandoned"]) })).toEqual(["d"]);
  });

  it("tell what each further choice would show", () => {
    const facets = countFacets(tree, { ...NO_FILTERS, categories: new Set(["LLM"]) }, 500);
    expect([...facets.categories]).toEqual([
      ["NODE", 1],
      ["LLM", 2],
      ["TOOL", 1],
    ]);
    expect([...facets.outcomes]).toEqual([
      ["error", 1],
      ["ok", 1],
    ]);
  });
});

describe("a group's summary", () => {
  it("counts, and takes the median of those that ended", () => {
    const tree = buildSpanTree([
      span("a", null, { durationMs: 10, inputTokens: 2 }),
      span("b", null, { startMs: 5, durationMs: 30, ...failure }),
      span("c", null, { startMs: 9, ...stillRunning }),
    ]);
    expect(summarizeGroup(tree, { kind: "repeats", key: "", members: [0, 1, 2] })).toEqual({
      count: 3,
      medianMs: 20,
      errors: 1,
      running: 1,
      startMs: 0,
      endMs: 35,
      tokens: 2,
      costUsd: null,
      unpriced: 2,
    });
    expect(median([])).toBeNull();
    expect(median([3, 1, 2])).toBe(2);
  });
});

describe("reading spans", () => {
  const wire: WireSpan = {
    spanId: "s",
    revision: 1,
    name: "n",
    displayName: "n",
    kind: "INTERNAL",
    category: "NODE",
    state: "ENDED",
    status: { code: "OK" },
    startTime: "2026-01-31T12:00:00.123456789Z",
    durationMs: 1.5,
    tokenUsage: { input: 1, output: 2 },
    marks: [],
  };

  it("shares what spans have in common, and the list of those without marks", () => {
    const reader = new SpanReader();
    const marks = [{ kind: "EVENT" as const, offsetMs: 1, name: "retry" }];
    expect(reader.read({ ...wire, marks }).marks).toEqual(marks);
    expect(reader.read(wire).marks).toBe(NO_MARKS);
  });

  it("puts starts on one clock, to the nanosecond", () => {
    const reader = new SpanReader();
    expect(reader.read(wire).startMs).toBeCloseTo(123.456789, 6);
    expect(reader.originMs).toBe(Date.parse("2026-01-31T12:00:00Z"));
    expect(reader.read({ ...wire, startTime: "2026-01-31T12:00:01Z" }).startMs).toBe(1_000);
    expect(reader.read({ ...wire, startTime: "2026-01-31T11:59:59.5Z" }).startMs).toBe(-500);
  });

  it("never makes a negative length", () => {
    expect(new SpanReader().read({ ...wire, durationMs: -3 })).toMatchObject({ durationMs: 0, endsBeforeStart: true });
    expect(new SpanReader().read({ ...wire, durationMs: null })).toMatchObject({
      durationMs: null,
      endsBeforeStart: false,
    });
  });
});

describe("the server's clock", () => {
  it("is trusted to be ours unless its times say otherwise", () => {
    const clock = new ServerClock();
    clock.observe(1_000, 9_000, false);
    expect(clock.correctionMs).toBe(0);
    clock.observe(9_950, 10_000, true);
    expect(clock.correctionMs).toBe(0);
  });

  it("is ahead when its times lie in our future, behind when live times are long past", () => {
    const ahead = new ServerClock();
    ahead.observe(70_000, 10_000, false);
    expect(ahead.correctionMs).toBe(60_000);
    const behind = new ServerClock();
    behind.observe(10_000, 3_610_050, true);
    behind.observe(11_000, 3_611_020, true);
    expect(behind.correctionMs).toBe(-3_600_020);
  });
});

describe("a name", () => {
  it("cannot disguise itself, and is never empty", () => {
    expect(visibleName("a\u0000b\nc\u202ed")).toBe("a␣b␣c␣d");
    expect(visibleName("")).toBe("(no name)");
    expect(visibleName("   ")).toBe("(no name)");
    expect(visibleName("<b>bold</b>")).toBe("<b>bold</b>");
    expect(visibleName("x".repeat(5_000))).toHaveLength(301);
  });
});
