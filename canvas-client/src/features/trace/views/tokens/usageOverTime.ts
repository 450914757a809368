import type { SpanTree } from "../../model/spanTree";

/** One call of a model at the moment when its usage is known. */
export interface UsageStep {
  readonly span: number;
  /** From the start of the trace. */
  readonly timeMs: number;
  readonly input: number;
  readonly output: number;
  readonly costUsd: number | null;
  readonly totalInput: number;
  readonly totalOutput: number;
  readonly totalCostUsd: number;
}

/** The calls in order of their ends with the sums so far. A span that repeats the usage of spans below it is left out. */
export function usageOverTime(tree: SpanTree): readonly UsageStep[] {
  const calls: { span: number; timeMs: number }[] = [];
  for (const [index, span] of tree.spans.entries()) {
    if (span.inputTokens + span.outputTokens === 0 && span.costUsd === null) continue;
    const below = tree.below(index);
    if (below.inputTokens + below.outputTokens > 0) continue;
    calls.push({ span: index, timeMs: span.startMs + (span.durationMs ?? 0) - tree.minStartMs });
  }
  calls.sort((left, right) => left.timeMs - right.timeMs);
  let totalInput = 0;
  let totalOutput = 0;
  let totalCostUsd = 0;
  return calls.map(({ span: index, timeMs }) => {
    const { inputTokens, outputTokens, costUsd } = tree.get(index);
    totalInput += inputTokens;
    totalOutput += outputTokens;
    totalCostUsd += costUsd ?? 0;
    return {
      span: index,
      timeMs,
      input: inputTokens,
      output: outputTokens,
      costUsd,
      totalInput,
      totalOutput,
      totalCostUsd,
    };
  });
}
