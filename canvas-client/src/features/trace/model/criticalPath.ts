import { endMs } from "./span";
import type { SpanTree } from "./spanTree";

/** Stretches of each span, as start, end, start, end…, that the end of the trace waited for. */
export type CriticalPath = ReadonlyMap<number, readonly number[]>;

/**
 * Walks back from the end of the root: at each moment the path is in the child that ended last before it, else in the span itself.
 * A child that outlives the moment it is looked for (it went on in the background) is not on the path.
 */
export function criticalPath(tree: SpanTree, root: number, nowMs: number): CriticalPath {
  const path = new Map<number, readonly number[]>();
  const pending = [root];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    const span = tree.get(index);
    const own: number[] = [];
    let at = endMs(span, nowMs);
    const ended = (child: number) => endMs(tree.get(child), nowMs);
    for (const child of [...tree.childrenOf(index)].sort((left, right) => ended(right) - ended(left))) {
      const end = ended(child);
      const { startMs } = tree.get(child);
      if (end > at || startMs < span.startMs || startMs === end) continue;
      if (end < at) own.push(at, end);
      pending.push(child);
      at = startMs;
    }
    if (at > span.startMs) own.push(at, span.startMs);
    path.set(index, own.reverse());
  }
  return path;
}
