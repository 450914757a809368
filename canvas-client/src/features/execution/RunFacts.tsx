import type { ReactNode } from "react";

import {
  CopyButton,
  formatAgo,
  formatCostSum,
  formatCount,
  formatDateTime,
  formatDateTimeExact,
  formatDuration,
  formatDurationExact,
  formatUnpriced,
  useNow,
} from "@/ui";

import styles from "./RunDetails.module.css";
import type { ExecutionDetails } from "./api/documents";

/** Shorter waits in the queue are not worth a fact. */
const WAIT_WORTH_SAYING_MS = 100;

/** When, how long, how much. What is not known is left out. */
export function RunFacts({ execution }: { readonly execution: ExecutionDetails }) {
  const {
    queuedAt,
    startedAt,
    finishedAt,
    durationMs,
    workflowVersion,
    spanCount,
    errorCount,
    tokenUsage,
    traceId,
    threadId,
    externalId,
  } = execution;
  const now = useNow(30_000);
  const waitedMs = startedAt ? Date.parse(startedAt) - Date.parse(queuedAt) : null;
  return (
    <dl className={styles.facts}>
      <Fact name="Started" title={formatDateTimeExact(startedAt ?? queuedAt)}>
        {formatDateTime(startedAt ?? queuedAt, now)}, {formatAgo(startedAt ?? queuedAt, now)}
      </Fact>
      {waitedMs !== null && waitedMs >= WAIT_WORTH_SAYING_MS && (
        <Fact name="Waited in the queue">{formatDuration(waitedMs)}</Fact>
      )}
      {finishedAt && (
        <Fact name="Finished" title={formatDateTimeExact(finishedAt)}>
          {formatDateTime(finishedAt, now)}
        </Fact>
      )}
      {durationMs != null && (
        <Fact name="Duration" title={formatDurationExact(durationMs)}>
          {formatDuration(durationMs)}
        </Fact>
      )}
      {workflowVersion != null && <Fact name="Version">{workflowVersion}</Fact>}
      {spanCount > 0 && <Fact name="Spans">{formatCount(spanCount)}</Fact>}
      {errorCount > 0 && (
        <Fact name="Errors">
          <span className={styles.errorCount}>{formatCount(errorCount)}</span>
        </Fact>
      )}
      {tokenUsage.total > 0 && (
        <Fact name="Tokens">
          {formatCount(tokenUsage.input)} in, {formatCount(tokenUsage.output)} out
        </Fact>
      )}
      {formatCostSum(tokenUsage) && (
        <Fact name="Cost" title={formatUnpriced(tokenUsage)}>
          {formatCostSum(tokenUsage)}
        </Fact>
      )}
      {threadId && <Fact name="Thread">{threadId}</Fact>}
      {externalId && <Fact name="External id">{externalId}</Fact>}
      <Fact name="Trace id">
        <code>{traceId}</code> <CopyButton label="Copy the trace id" text={traceId} small />
      </Fact>
    </dl>
  );
}

function Fact({
  name,
  title,
  children,
}: {
  readonly name: string;
  readonly title?: string;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd title={title}>{children}</dd>
    </div>
  );
}
