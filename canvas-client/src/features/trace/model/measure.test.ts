import { buildSpanTree } from "./applySpans";
import { measure } from "./measure";
import { span, stillRunning } from "./testing";

const tree = buildSpanTree([
  span("agent", null, { startMs: 0, durationMs: 100, inputTokens: 30, outputTokens: 6 }),
  span("first", "agent", { startMs: 10, durationMs: 20, inputTokens: 10, outputTokens: 1 }),
  span("second", "agent", { startMs: 40, durationMs: 20, inputTokens: 20, outputTokens: 5 }),
  span("open", "agent", { startMs: 80, ...stillRunning }),
]);

describe("a stretch of time", () => {
  it("has the spans that were under way in it, and the tokens of calls that ended in it", () => {
    expect(measure(tree, { startMs: 0, endMs: 100 }, 200)).toEqual({ spans: 4, tokens: 36 });
    expect(measure(tree, { startMs: 35, endMs: 50 }, 200)).toEqual({ spans: 2, tokens: 0 });
    expect(measure(tree, { startMs: 35, endMs: 60 }, 200)).toEqual({ spans: 2, tokens: 25 });
    expect(measure(tree, { startMs: 150, endMs: 160 }, 200)).toEqual({ spans: 1, tokens: 0 });
  });
});
