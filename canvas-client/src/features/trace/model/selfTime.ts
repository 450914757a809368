import { endMs } from "./span";
import type { SpanTree } from "./spanTree";

/**
 * Stretches of a span in which none of its children ran, as start, end, start, end…. A running child covers all until now, so the
 * last end of a running span without one is its present end.
 */
export function ownIntervals(tree: SpanTree, index: number, nowMs: number): readonly number[] {
  const span = tree.get(index);
  const end = endMs(span, nowMs);
  const covered = tree.coverageOf(index);
  const own: number[] = [];
  let at = span.startMs;
  for (let place = 0; place < covered.length && at < end; place += 2) {
    if (covered[place]! > at) own.push(at, Math.min(covered[place]!, end));
    at = Math.max(at, covered[place + 1]!);
  }
  if (at < end) own.push(at, end);
  return own;
}

export function selfTimeMs(tree: SpanTree, index: number, nowMs: number): number {
  const own = ownIntervals(tree, index, nowMs);
  let sum = 0;
  for (let place = 0; place < own.length; place += 2) sum += own[place + 1]! - own[place]!;
  return sum;
}

/** A child outside of its parent's time by more: clocks differ, or the work went on in the background. */
const SKEW_MS = 1;

export type Skew = "before-parent" | "after-parent" | "ends-before-start";

export function skewOf(tree: SpanTree, index: number): Skew | null {
  const span = tree.get(index);
  if (span.endsBeforeStart) return "ends-before-start";
  const parent = tree.parentOf(index) < 0 ? null : tree.get(tree.parentOf(index));
  if (parent === null) return null;
  if (span.startMs < parent.startMs - SKEW_MS) return "before-parent";
  if (parent.durationMs === null || span.durationMs === null) return null;
  return span.startMs + span.durationMs > parent.startMs + parent.durationMs + SKEW_MS ? "after-parent" : null;
}
