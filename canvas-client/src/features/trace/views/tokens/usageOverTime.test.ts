import { expect, it } from "vitest";

import { buildSpanTree } from "../../model/applySpans";
import { span } from "../../model/testing";
import { usageOverTime } from "./usageOverTime";

it("sums calls in order of their ends, each once", () => {
  const tree = buildSpanTree([
    span("root", null, { startMs: 100, durationMs: 90 }),
    // Repeats what is below it.
    span("agent", "root", { startMs: 100, durationMs: 80, inputTokens: 30, outputTokens: 7 }),
    span("late", "agent", { startMs: 110, durationMs: 60, inputTokens: 20, outputTokens: 5, costUsd: 0.2 }),
    span("early", "agent", { startMs: 120, durationMs: 10, inputTokens: 10, outputTokens: 2 }),
  ]);
  expect(
    usageOverTime(tree).map(({ span: index, timeMs, totalInput, totalOutput, totalCostUsd }) => [
      tree.get(index).spanId,
      timeMs,
      totalInput,
      totalOutput,
      totalCostUsd,
    ]),
  ).toEqual([
    ["early", 30, 10, 2, 0],
    ["late", 70, 30, 7, 0.2],
  ]);
});
