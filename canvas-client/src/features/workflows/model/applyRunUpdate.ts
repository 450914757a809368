import type { ExecutionUpdate } from "@/graphql";

import type { RecentRun, WorkflowRowData } from "../api/documents";

/** How many of a workflow's newest runs a row shows. */
export const RUNS_SHOWN = 12;

/**
 * The rows after an update: the run's state is known at once, sums only when the list is read again. Rows that do not change
 * stay the same objects.
 */
export function applyRunUpdate(
  rows: readonly WorkflowRowData[],
  { kind, executionId, execution }: ExecutionUpdate,
): readonly WorkflowRowData[] {
  if (kind === "DELETED" || !execution) {
    return rows.map((row) => {
      const kept = row.recentExecutions.filter((run) => run.executionId !== executionId);
      return kept.length === row.recentExecutions.length ? row : { ...row, recentExecutions: kept };
    });
  }
  const { id, traceId, status, queuedAt, durationMs, workflow } = execution;
  const run: RecentRun = { id, executionId, traceId, status, queuedAt, durationMs };
  return rows.map((row) =>
    row.workflowId === workflow?.workflowId ? { ...row, recentExecutions: withRun(row.recentExecutions, run) } : row,
  );
}

function withRun(runs: readonly RecentRun[], run: RecentRun): readonly RecentRun[] {
  if (runs.some(({ executionId }) => executionId === run.executionId)) {
    return runs.map((known) => (known.executionId === run.executionId ? run : known));
  }
  // Execution ids sort by time, and an old run may change too.
  return [...runs, run].sort((a, b) => (a.executionId < b.executionId ? 1 : -1)).slice(0, RUNS_SHOWN);
}
