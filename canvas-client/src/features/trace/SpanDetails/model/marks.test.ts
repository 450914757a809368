import { marksOf } from "./marks";

const startTime = "2026-01-01T00:00:00.000Z";
const event = (name: string, offsetMs: number) => ({
  name,
  offsetMs,
  time: startTime,
  attributes: {},
  droppedAttributesCount: 0,
});

describe("the moments of a span", () => {
  it("are its events, failures by themselves", () => {
    expect(marksOf({ startTime, attributes: {}, events: [event("retry", 3), event("exception", 5)] })).toEqual([
      { kind: "event", offsetMs: 3, label: "retry" },
      { kind: "exception", offsetMs: 5, label: "exception" },
    ]);
  });

  it.each([
    { "gen_ai.response.time_to_first_chunk": 0.25 },
    { "ai.response.msToFirstChunk": 250 },
    { "langfuse.observation.completion_start_time": '"2026-01-01T00:00:00.250Z"' },
  ])("are the first token as %j", (attributes) => {
    expect(marksOf({ startTime, attributes, events: [] })).toEqual([
      { kind: "firstToken", offsetMs: 250, label: "first token" },
    ]);
  });

  it("do not smear the bar", () => {
    const events = Array.from({ length: 1_000 }, (_, at) => event("tick", at));
    expect(marksOf({ startTime, attributes: {}, events })).toHaveLength(200);
  });
});
