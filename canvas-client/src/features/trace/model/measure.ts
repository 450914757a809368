import { endMs } from "./span";
import type { SpanTree } from "./spanTree";
import type { TimeWindow } from "./timeScale";

export interface Measure {
  /** Spans that were under way at any moment of the window. */
  readonly spans: number;
  /** Tokens of the calls that ended in it; a span that repeats the usage of spans below it does not count. */
  readonly tokens: number;
}

/** What happened in a stretch of time. */
export function measure(tree: SpanTree, window: TimeWindow, nowMs: number): Measure {
  let spans = 0;
  let tokens = 0;
  for (const [index, span] of tree.spans.entries()) {
    const end = endMs(span, nowMs);
    if (span.startMs > window.endMs || end < window.startMs) continue;
    spans += 1;
    const used = span.inputTokens + span.outputTokens;
    if (used === 0 || end > window.endMs) continue;
    const below = tree.below(index);
    if (below.inputTokens + below.outputTokens === 0) tokens += used;
  }
  return { spans, tokens };
}
