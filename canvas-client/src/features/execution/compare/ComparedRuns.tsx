import type { ReactNode } from "react";
import { Link } from "react-router";

import { tracePath } from "@/app";
import {
  StatusPill,
  cx,
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

type Runs = readonly [ComparedRun, ComparedRun];

interface Fact {
  readonly label: string;
  readonly of: (run: ComparedRun) => ReactNode;
  readonly difference?: string;
}

interface ComparedRunsProps {
  readonly runs: Runs;
  readonly isNarrow: boolean;
}

/** The sums of both runs, and how the second differs from the first: a run a row, or where there is little room, a column. */
export function ComparedRuns({ runs, isNarrow }: ComparedRunsProps) {
  const facts = factsOf(runs);
  const sides = runs.map((run, place) => <Side key={SIDES[place]} side={SIDES[place] ?? "A"} run={run} />);
  return (
    <div className={styles.scroll}>
      <table className={cx(styles.sums, isNarrow && styles.narrow)} aria-label="The two runs">
        {isNarrow ? (
          <RunColumns runs={runs} facts={facts} sides={sides} />
        ) : (
          <RunRows runs={runs} facts={facts} sides={sides} />
        )}
      </table>
    </div>
  );
}

interface LaidOutProps {
  readonly runs: Runs;
  readonly facts: readonly Fact[];
  readonly sides: readonly ReactNode[];
}

function RunRows({ runs, facts, sides }: LaidOutProps) {
  return (
    <>
      <thead>
        <tr>
          {["Run", ...facts.map(({ label }) => label)].map((label) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {runs.map((run, place) => (
          <tr key={SIDES[place]}>
            <th scope="row">{sides[place]}</th>
            {facts.map(({ label, of }) => (
              <td key={label}>{of(run)}</td>
            ))}
          </tr>
        ))}
        <tr className={styles.difference}>
          <th scope="row">Difference</th>
          {facts.map(({ label, difference }) => (
            <td key={label}>{difference}</td>
          ))}
        </tr>
      </tbody>
    </>
  );
}

function RunColumns({ runs, facts, sides }: LaidOutProps) {
  return (
    <>
      <thead>
        <tr>
          <td />
          {sides.map((side, place) => (
            <th key={SIDES[place]} scope="col">
              {side}
            </th>
          ))}
          <th scope="col">Difference</th>
        </tr>
      </thead>
      <tbody>
        {facts.map(({ label, of, difference }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            {runs.map((run, place) => (
              <td key={SIDES[place]}>{of(run)}</td>
            ))}
            <td>{difference}</td>
          </tr>
        ))}
      </tbody>
    </>
  );
}

function Side({ side, run }: { readonly side: (typeof SIDES)[number]; readonly run: ComparedRun }) {
  const { workflow, executionId, traceId } = run;
  return (
    <>
      <span className={styles.side}>{side}</span>
      <Link to={tracePath({ workflowId: workflow?.workflowId ?? null, executionId, traceId })}>
        Trace<span className="visually-hidden"> of run {side}</span>
      </Link>
    </>
  );
}

function factsOf([a, b]: Runs): readonly Fact[] {
  const hasCost = [a, b].some(({ tokenUsage }) => (tokenUsage.costUsd ?? 0) > 0);
  const duration = a.durationMs != null && b.durationMs != null ? b.durationMs - a.durationMs : null;
  const facts: (Fact | false)[] = [
    { label: "Status", of: ({ status }) => <StatusPill status={statusOfExecution(status)} /> },
    {
      label: "Asked for",
      of: ({ queuedAt }) => (
        <span title={formatDateTimeExact(queuedAt)}>
          {formatDateTime(queuedAt)} <span className={styles.faint}>{formatAgo(queuedAt)}</span>
        </span>
      ),
    },
    { label: "Version", of: ({ workflowVersion }) => workflowVersion },
    {
      label: "Duration",
      of: ({ durationMs }) => formatDuration(durationMs),
      difference: signed(duration, formatDuration),
    },
    {
      label: "Spans",
      of: ({ spanCount }) => formatCount(spanCount),
      difference: signed(b.spanCount - a.spanCount, formatCount),
    },
    {
      label: "Errors",
      of: ({ errorCount }) => errorCount > 0 && <span className={styles.errors}>{formatCount(errorCount)}</span>,
      difference: signed(b.errorCount - a.errorCount, formatCount),
    },
    {
      label: "Tokens",
      of: ({ tokenUsage }) => tokenUsage.total > 0 && formatCount(tokenUsage.total),
      difference: signed(b.tokenUsage.total - a.tokenUsage.total, formatCount),
    },
    hasCost && {
      label: "Cost",
      of: ({ tokenUsage }) => formatCost(tokenUsage.costUsd),
      difference: signed((b.tokenUsage.costUsd ?? 0) - (a.tokenUsage.costUsd ?? 0), formatCost),
    },
  ];
  return facts.filter((fact) => fact !== false);
}
