import { EVERYTHING, type Expansion } from "../model/expansion";
import type { TraceStore } from "./traceStore";

/** As long as the browser's tab, by execution: a reload finds the tree as it was left. */
const PREFIX = "orcheo-trace:folds:";
/** A reader does not fold more by hand; a subtree folded at once may be larger. */
const MOST = 5_000;

export function readKeptFolds(executionId: string): Expansion {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PREFIX + executionId) ?? "null") as {
      depth: number | null;
      overrides: [string, boolean][];
    } | null;
    return kept === null ? EVERYTHING : { depth: kept.depth ?? Infinity, overrides: new Map(kept.overrides) };
  } catch {
    return EVERYTHING;
  }
}

/** Until the returned function is called. */
export function keepFolds(store: TraceStore): () => void {
  return store.subscribe(({ executionId, expansion }, before) => {
    if (expansion === before.expansion) return;
    const overrides = [...expansion.overrides].slice(-MOST);
    try {
      sessionStorage.setItem(
        PREFIX + executionId,
        JSON.stringify({ depth: Number.isFinite(expansion.depth) ? expansion.depth : null, overrides }),
      );
    } catch {
      // Without storage the folds last as long as the page.
    }
  });
}
