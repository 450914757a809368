import { selfTimeMs } from "../../model/selfTime";
import { endMs, failed } from "../../model/span";
import type { SpanCategory } from "../../model/span";
import type { SpanTree } from "../../model/spanTree";

/** What all spans of one name did together. */
export interface SpanStats {
  readonly name: string;
  readonly category: SpanCategory;
  readonly nodeType: string | null;
  readonly count: number;
  readonly errors: number;
  readonly totalMs: number;
  /** Without what ran below them. */
  readonly ownMs: number;
  readonly longestMs: number;
  /** The longest of them. */
  readonly span: number;
}

/** By name, those that took most time of their own first. */
export function spanStats(tree: SpanTree, nowMs: number): readonly SpanStats[] {
  const byName = new Map<string, { -readonly [Key in keyof SpanStats]: SpanStats[Key] }>();
  for (const [index, span] of tree.spans.entries()) {
    const lengthMs = endMs(span, nowMs) - span.startMs;
    const key = `${span.category} ${span.displayName}`;
    let stats = byName.get(key);
    if (stats === undefined) {
      const { displayName: name, category, nodeType } = span;
      stats = { name, category, nodeType, count: 0, errors: 0, totalMs: 0, ownMs: 0, longestMs: -1, span: index };
      byName.set(key, stats);
    }
    stats.count += 1;
    stats.errors += failed(span) ? 1 : 0;
    stats.totalMs += lengthMs;
    stats.ownMs += selfTimeMs(tree, index, nowMs);
    if (lengthMs > stats.longestMs) {
      stats.longestMs = lengthMs;
      stats.span = index;
    }
  }
  return [...byName.values()].sort((left, right) => right.ownMs - left.ownMs);
}
