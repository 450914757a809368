import { criticalPath, type CriticalPath } from "../model/criticalPath";
import type { SpanRecord } from "../model/span";
import type { TimeWindow } from "../model/timeScale";
import type { TraceData, TraceState } from "./traceState";

/** The present on the trace's clock. */
export function nowOf({ originMs, clockCorrectionMs }: Pick<TraceData, "originMs" | "clockCorrectionMs">): number {
  return originMs === null ? 0 : Date.now() + clockCorrectionMs - originMs;
}

export function isRunning({ tree, execution }: Pick<TraceData, "tree" | "execution">): boolean {
  return tree.runningSpans.size > 0 || execution?.status === "RUNNING";
}

/** From the first start to the last end, or to now while something runs. */
export function boundsOf(state: Pick<TraceData, "tree" | "execution" | "originMs" | "clockCorrectionMs">): TimeWindow {
  const { tree } = state;
  if (tree.size === 0) return { startMs: 0, endMs: 1 };
  const last = Math.max(tree.maxEndMs, isRunning(state) ? nowOf(state) : -Infinity);
  return { startMs: tree.minStartMs, endMs: Math.max(last, tree.minStartMs + 0.001) };
}

export function selectedSpan({ tree, selectedId }: Pick<TraceState, "tree" | "selectedId">): SpanRecord | undefined {
  return selectedId === null ? undefined : tree.byId(selectedId);
}

/** From this size on it is only drawn when asked for. */
const CRITICAL_PATH_UP_TO = 500;

export function showsCriticalPath({ criticalPath: chosen, tree }: Pick<TraceState, "criticalPath" | "tree">): boolean {
  return chosen ?? tree.size <= CRITICAL_PATH_UP_TO;
}

export function criticalPathOf(state: TraceState): CriticalPath | null {
  const { tree } = state;
  if (!showsCriticalPath(state) || tree.roots.length === 0) return null;
  const root = tree.roots.reduce((longest, candidate) =>
    tree.descendantCount(candidate) > tree.descendantCount(longest) ? candidate : longest,
  );
  return criticalPath(tree, root, nowOf(state));
}
