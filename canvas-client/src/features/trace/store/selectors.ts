import { criticalPath, type CriticalPath } from "../model/criticalPath";
import type { SpanRecord } from "../model/span";
import type { SpanTree } from "../model/spanTree";
import type { TimeWindow } from "../model/timeScale";
import type { TraceData, TraceState } from "./traceState";

/** The present on the trace's clock. */
export function nowOf({ originMs, clockCorrectionMs }: Pick<TraceData, "originMs" | "clockCorrectionMs">): number {
  return originMs === null ? 0 : Date.now() + clockCorrectionMs - originMs;
}

export function isRunning({ tree, execution }: Pick<TraceData, "tree" | "execution">): boolean {
  return tree.runningSpans.size > 0 || execution?.status === "RUNNING";
}

/** While a trace runs, its time ends here and there in the future, so that bars can grow without all others moving. */
const GROWTH = 1.25;
const SHORTEST_LIVE_MS = 1_000;

/** From the first start to the last end; while something runs, to the next step beyond now. */
export function boundsOf(state: Pick<TraceData, "tree" | "execution" | "originMs" | "clockCorrectionMs">): TimeWindow {
  const { tree } = state;
  if (tree.size === 0) return { startMs: 0, endMs: 1 };
  const startMs = tree.minStartMs;
  const length = Math.max(tree.maxEndMs - startMs, 0.001);
  if (!isRunning(state)) return { startMs, endMs: startMs + length };
  const elapsed = Math.max(length, nowOf(state) - startMs, SHORTEST_LIVE_MS) * 1.02;
  const steps = Math.ceil(Math.log(elapsed / SHORTEST_LIVE_MS) / Math.log(GROWTH));
  return { startMs, endMs: startMs + SHORTEST_LIVE_MS * GROWTH ** steps };
}

export function selectedSpan({ tree, selectedId }: Pick<TraceState, "tree" | "selectedId">): SpanRecord | undefined {
  return selectedId === null ? undefined : tree.byId(selectedId);
}

/** From this size on it is only drawn when asked for. */
const CRITICAL_PATH_UP_TO = 500;

export function showsCriticalPath({ criticalPath: chosen, tree }: Pick<TraceState, "criticalPath" | "tree">): boolean {
  return chosen ?? tree.size <= CRITICAL_PATH_UP_TO;
}

const paths = new WeakMap<SpanTree, { readonly version: number; readonly path: CriticalPath }>();

/** Null when it is not shown. Of a running trace, as of the last change. */
export function criticalPathOf(state: TraceState): CriticalPath | null {
  const { tree, version } = state;
  if (!showsCriticalPath(state) || tree.roots.length === 0) return null;
  const known = paths.get(tree);
  if (known?.version === version) return known.path;
  const root = tree.roots.reduce((largest, candidate) =>
    tree.descendantCount(candidate) > tree.descendantCount(largest) ? candidate : largest,
  );
  const path = criticalPath(tree, root, nowOf(state));
  paths.set(tree, { version, path });
  return path;
}
