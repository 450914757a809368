import { describe, expect, it } from "vitest";

import { buildSpanTree } from "../../model/applySpans";
import { span, stillRunning } from "../../model/testing";
import { buildLog, filterLog, logText } from "./log";
import { SpanEvents } from "./spanEvents";

const event = (name: string, offsetMs: number, attributes: object = {}) => ({ name, offsetMs, attributes, time: "" });

const tree = buildSpanTree([
  span("root", null, { startMs: 0, ...stillRunning }),
  span("a", "root", { startMs: 1, durationMs: 4 }),
  span("b", "root", { startMs: 5, durationMs: 0, statusCode: "ERROR", statusMessage: "no money" }),
]);

const events = new SpanEvents();
events.add([
  { spanId: "a", revision: 2, events: [event("console", 2, { message: "hello" }), event("first token", 3)] },
  { spanId: "b", revision: 2, events: [event("exception", 0, { "exception.message": "no money" })] },
]);

const lines = (entries: ReturnType<typeof buildLog>["entries"]) =>
  entries.map((entry) => `${entry.timeMs} ${tree.get(entry.span).spanId} ${logText(tree, entry)}`);

describe("buildLog", () => {
  it("tells what happened in order of time, a failure once", () => {
    const { entries, counts } = buildLog(tree, events);
    expect(lines(entries)).toEqual([
      "0 root started",
      "1 a started",
      "3 a console: hello",
      "4 a first token",
      "5 a ended",
      "5 b started",
      "5 b no money",
    ]);
    expect(counts).toEqual({ start: 3, end: 1, error: 1, event: 2 });
  });
});

describe("filterLog", () => {
  const all = buildLog(tree, events).entries;

  it("shows the chosen kinds", () => {
    const kinds = new Set(["error", "event"] as const);
    expect(lines(filterLog(tree, all, { kinds, text: "" }))).toEqual([
      "3 a console: hello",
      "4 a first token",
      "5 b no money",
    ]);
  });

  it("leaves out spans that the filters of the trace do not let through", () => {
    const shown = Uint8Array.from(tree.spans, ({ spanId }) => (spanId === "a" ? 1 : 0));
    expect(lines(filterLog(tree, all, { kinds: new Set(), text: "", shown }))).toEqual([
      "1 a started",
      "3 a console: hello",
      "4 a first token",
      "5 a ended",
    ]);
  });

  it("finds text in names and in what is said", () => {
    expect(lines(filterLog(tree, all, { kinds: new Set(), text: "HELLO" }))).toEqual(["3 a console: hello"]);
    expect(filterLog(tree, all, { kinds: new Set(), text: "root" })).toHaveLength(1);
  });
});

describe("SpanEvents", () => {
  it("keeps the highest revision of a span", () => {
    const known = new SpanEvents();
    known.add([{ spanId: "a", revision: 3, events: [event("new", 1)] }]);
    known.add([{ spanId: "a", revision: 2, events: [event("old", 1)] }]);
    known.add([{ spanId: "none", revision: 1, events: [] }]);
    expect(known.bySpan.get("a")?.events[0]?.name).toBe("new");
    expect(known.bySpan.size).toBe(1);
    expect(known.version).toBe(1);
  });
});
