import { Link } from "react-router";

import { tracePath } from "@/app";
import {
  StatusPill,
  formatAgo,
  formatCost,
  formatCount,
  formatDateTime,
  formatDateTimeExact,
  formatDuration,
  statusOfExecution,
} from "@/ui";

import styles from "./RunComparison.module.css";
import { signed } from "./delta";
import type { ComparedRun } from "./documents";

const SIDES = ["A", "B"] as const;

/** The sums of both runs, and how the second differs from the first. */
export function ComparedRuns({ runs }: { readonly runs: readonly [ComparedRun, ComparedRun] }) {
  const [a, b] = runs;
  const hasCost = runs.some(({ tokenUsage }) => (tokenUsage.costUsd ?? 0) > 0);
  const duration = a.durationMs != null && b.durationMs != null ? b.durationMs - a.durationMs : null;
  return (
    <div className={styles.scroll}>
      <table className={styles.sums} aria-label="The two runs">
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Status</th>
            <th scope="col">Asked for</th>
            <th scope="col">Version</th>
            <th scope="col">Duration</th>
            <th scope="col">Spans</th>
            <th scope="col">Errors</th>
            <th scope="col">Tokens</th>
            {hasCost && <th scope="col">Cost</th>}
          </tr>
        </thead>
        <tbody>
          {runs.map((run, place) => (
            <tr key={SIDES[place]}>
              <th scope="row">
                <span className={styles.side}>{SIDES[place]}</span>
                <Link
                  to={tracePath({
                    workflowId: run.workflow?.workflowId ?? null,
                    executionId: run.executionId,
                    traceId: run.traceId,
                  })}
                >
                  Trace<span className="visually-hidden"> of run {SIDES[place]}</span>
                </Link>
              </th>
              <td>
                <StatusPill status={statusOfExecution(run.status)} />
              </td>
              <td title={formatDateTimeExact(run.queuedAt)}>
                {formatDateTime(run.queuedAt)} <span className={styles.faint}>{formatAgo(run.queuedAt)}</span>
              </td>
              <td>{run.workflowVersion}</td>
              <td>{formatDuration(run.durationMs)}</td>
              <td>{formatCount(run.spanCount)}</td>
              <td>{run.errorCount > 0 && <span className={styles.errors}>{formatCount(run.errorCount)}</span>}</td>
              <td>{run.tokenUsage.total > 0 && formatCount(run.tokenUsage.total)}</td>
              {hasCost && <td>{formatCost(run.tokenUsage.costUsd)}</td>}
            </tr>
          ))}
          <tr className={styles.difference}>
            <th scope="row">Difference</th>
            <td />
            <td />
            <td />
            <td>{signed(duration, formatDuration)}</td>
            <td>{signed(b.spanCount - a.spanCount, formatCount)}</td>
            <td>{signed(b.errorCount - a.errorCount, formatCount)}</td>
            <td>{signed(b.tokenUsage.total - a.tokenUsage.total, formatCount)}</td>
            {hasCost && <td>{signed((b.tokenUsage.costUsd ?? 0) - (a.tokenUsage.costUsd ?? 0), formatCost)}</td>}
          </tr>
        </tbody>
      </table>
    </div>
  );
}
