import { NO_MARKS, type SpanRecord } from "./span";

/** A span for tests: only what a test is about needs to be said. */
export function span(spanId: string, parentSpanId: string | null, more: Partial<SpanRecord> = {}): SpanRecord {
  return {
    spanId,
    parentSpanId,
    revision: 1,
    name: spanId,
    displayName: spanId,
    kind: "INTERNAL",
    category: "NODE",
    state: "ENDED",
    statusCode: "UNSET",
    statusMessage: null,
    nodeId: null,
    nodeType: null,
    attempt: null,
    iteration: null,
    startMs: 0,
    durationMs: 1,
    endsBeforeStart: false,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: null,
    marks: NO_MARKS,
    ...more,
  };
}

export const failure: Partial<SpanRecord> = { statusCode: "ERROR" };
export const stillRunning: Partial<SpanRecord> = { state: "RUNNING", durationMs: null };

/** The same numbers in the same order on every run. */
export function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const copy = [...items];
  for (let at = copy.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [copy[at], copy[other]] = [copy[other]!, copy[at]!];
  }
  return copy;
}
