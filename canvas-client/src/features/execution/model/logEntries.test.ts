import { describe, expect, it, test } from "vitest";

import type { LogSpanFragment } from "@/graphql";

import { describeEvent, filterLog, logEntries } from "./logEntries";

const span = (spanId: string, over: Partial<LogSpanFragment> = {}): LogSpanFragment => ({
  spanId,
  revision: 1,
  displayName: spanId,
  category: "NODE",
  nodeType: null,
  state: "ENDED",
  status: { code: "OK", message: null },
  startOffsetMs: 0,
  durationMs: 10,
  attempt: null,
  iteration: null,
  events: [],
  ...over,
});

const event = (name: string, offsetMs: number, attributes: unknown = {}) => ({ name, offsetMs, attributes });

const lines = (spans: LogSpanFragment[]) =>
  logEntries(spans).map(({ offsetMs, name, kind }) => `${offsetMs} ${name} ${kind}`);

describe("logEntries", () => {
  it("tells in order of time what began, happened and ended", () => {
    expect(
      lines([span("root", { durationMs: 20 }), span("step", { startOffsetMs: 5, events: [event("log", 1)] })]),
    ).toEqual(["0 root start", "5 step start", "6 step event", "15 step end", "20 root end"]);
  });

  it("has no end of what runs or was left behind", () => {
    expect(
      lines([span("a", { state: "RUNNING", durationMs: null }), span("b", { state: "ABANDONED", durationMs: 5 })]),
    ).toEqual(["0 a start", "0 b start"]);
  });

  it("begins before it ends, also in no time", () => {
    expect(lines([span("a", { durationMs: 0, events: [event("log", 0)] })])).toEqual([
      "0 a start",
      "0 a event",
      "0 a end",
    ]);
  });

  it("tells of a failure with its message", () => {
    const end = logEntries([span("a", { status: { code: "ERROR", message: "no route" } })]).at(-1);
    expect(end).toMatchObject({ kind: "end", isError: true, text: "no route" });
  });

  it("names the attempt from the second on", () => {
    expect(logEntries([span("a", { attempt: 1 })])[0]?.text).toBe("");
    expect(logEntries([span("a", { attempt: 2 })])[0]?.text).toBe("attempt 2");
  });
});

test.each([
  ["exception", { "exception.type": "TypeError", "exception.message": "x is null" }, "TypeError: x is null"],
  ["exception", {}, "exception"],
  ["log", { body: "hello", level: "info" }, "hello"],
  ["log", { body: { a: 1 } }, '{"a":1}'],
  ["gen_ai.choice", { index: 0, finish: "stop" }, "gen_ai.choice index=0 finish=stop"],
  ["tick", null, "tick"],
])("an event %s with %j reads as %j", (name, attributes, expected) => {
  expect(describeEvent(name, attributes)).toBe(expected);
});

describe("filterLog", () => {
  const entries = logEntries([
    span("ask", {
      events: [event("exception", 1, { "exception.message": "busy" }), event("log", 2, { body: "again" })],
    }),
    span("answer", { startOffsetMs: 20, status: { code: "ERROR", message: "Busy line" } }),
  ]);
  const found = (...args: [Parameters<typeof filterLog>[1], string]) =>
    filterLog(entries, ...args).map(({ key }) => key);

  it("is everything unless asked", () => {
    expect(filterLog(entries, "all", " ")).toBe(entries);
  });

  it("finds events, errors and words", () => {
    expect(found("events", "")).toEqual(["ask 0", "ask 1"]);
    expect(found("errors", "")).toEqual(["ask 0", "answer end"]);
    expect(found("all", "BUSY")).toEqual(["ask 0", "answer end"]);
    expect(found("errors", "line")).toEqual(["answer end"]);
  });
});
