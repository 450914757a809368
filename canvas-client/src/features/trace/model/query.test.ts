import { hitRanges, matchesQuery, parseQuery } from "./query";
import { failure, span, stillRunning } from "./testing";

const chat = span("00c0ffee00c0ffee", null, {
  name: "chat gpt-4o-mini",
  displayName: "Draft the reply",
  category: "LLM",
  nodeId: "draft",
  nodeType: "LLMNode",
  startMs: 100,
  durationMs: 1_500,
  inputTokens: 1_800,
  outputTokens: 300,
  costUsd: 0.02,
});
const broken = span("dead", null, {
  category: "TOOL",
  displayName: "lookup_order",
  statusMessage: "Connection refused",
  ...failure,
});
const live = span("beef", null, { ...stillRunning, startMs: 1_000, iteration: 3 });

function finds(source: string, target = chat, elsewhere: readonly string[] = []): boolean {
  const query = parseQuery(source);
  return query !== null && matchesQuery(query, target, 4_000, new Set(elsewhere));
}

describe("a query", () => {
  it("is nothing without a term", () => {
    expect(parseQuery("")).toBeNull();
    expect(parseQuery("   ")).toBeNull();
    expect(parseQuery("kind:")).toBeNull();
  });

  it.each([
    ["draft", true],
    ["DRAFT reply", true],
    ["draft order", false],
    ['"the reply"', true],
    ['"reply the"', false],
    ["-draft", false],
    ["-order", true],
    ["kind:llm", true],
    ["kind:tool", false],
    ["-kind:tool", true],
    ["status:ok", true],
    ["status:error", false],
    ["model:gpt", true],
    ["model:claude", false],
    ["node:draft", true],
    ["name:chat", true],
    ["id:00c0", true],
    ["dur>1s", true],
    ["dur>=1500ms", true],
    ["dur<1.5s", false],
    ["dur>100", true],
    ["tokens>2000", true],
    ["tokens>2.1k", false],
    ["cost>0.01", true],
    ["kind:llm dur>1s tokens>2000 model:gpt reply", true],
    ["kind:llm dur>2s", false],
    ["unknown:field", false],
    ["dur>soon", false],
  ])("%s", (source, expected) => {
    expect(finds(source)).toBe(expected);
  });

  it("finds failures by state and by what they say", () => {
    expect(finds("status:error", broken)).toBe(true);
    expect(finds("refused", broken)).toBe(true);
    expect(finds("error:refused", broken)).toBe(true);
    expect(finds("error:refused", chat)).toBe(false);
    expect(finds("model:lookup", broken)).toBe(false);
  });

  it("takes a running span's time so far", () => {
    expect(finds("status:running dur>2s iteration:3", live)).toBe(true);
    expect(finds("dur>4s", live)).toBe(false);
    expect(finds("attempt:1", live)).toBe(false);
  });

  it("counts what the server found in values, for the words alone", () => {
    expect(finds("parcel", chat)).toBe(false);
    expect(finds("parcel", chat, [chat.spanId])).toBe(true);
    expect(finds("parcel kind:tool", chat, [chat.spanId])).toBe(false);
    expect(parseQuery("parcel kind:tool")?.text).toBe("parcel");
    expect(parseQuery("-parcel")?.text).toBeNull();
  });

  it("is read from any text without failing", () => {
    for (const source of ['"', '""', "-", ":", ">", 'a"b c', "dur>", "((", "\\"])
      expect(() => parseQuery(source)).not.toThrow();
  });
});

describe("hits in a name", () => {
  const ranges = (source: string, name: string) => {
    const query = parseQuery(source);
    return query === null ? [] : hitRanges(query, name);
  };

  it("are all places of all words, merged where they touch", () => {
    expect(ranges("re", "Draft the reply, re")).toEqual([10, 12, 17, 19]);
    expect(ranges("rep ply", "reply")).toEqual([0, 5]);
    expect(ranges("-rep kind:llm", "reply")).toEqual([]);
  });
});
