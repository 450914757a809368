import { CircleX } from "lucide-react";

import type { ExecutionRowFragment } from "@/graphql";
import {
  StatusPill,
  formatCount,
  formatDateTime,
  formatDateTimeExact,
  formatDuration,
  formatTokens,
  plural,
  statusOfExecution,
} from "@/ui";

import styles from "./RunList.module.css";
import { elapsedMs } from "./model/elapsed";

interface RunOptionProps {
  readonly id: string;
  readonly run: ExecutionRowFragment;
  readonly position: number;
  /** -1 when it is not known. */
  readonly count: number;
  readonly selected: boolean;
  /** Which of two runs that are compared. */
  readonly side?: "A" | "B" | undefined;
  readonly now: number;
  readonly top: number;
  readonly height: number;
  readonly onSelect: () => void;
}

/** A run in two lines: how it went and how long it took; when, and how much. */
export function RunOption({ id, run, position, count, selected, side, now, top, height, onSelect }: RunOptionProps) {
  const { executionId, status, queuedAt, spanCount, errorCount, tokenUsage } = run;
  return (
    // The list has the focus and handles the keys.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={id}
      role="option"
      aria-selected={selected}
      aria-posinset={position}
      aria-setsize={count}
      data-execution-id={executionId}
      className={styles.run}
      style={{ transform: `translateY(${top}px)`, height }}
      onClick={onSelect}
    >
      <span className={styles.line}>
        <StatusPill status={statusOfExecution(status)} />
        {side && <span className={styles.side}>{side}</span>}
        <span className={styles.duration}>{formatDuration(elapsedMs(run, now))}</span>
      </span>
      <span className={styles.facts}>
        <span title={formatDateTimeExact(queuedAt)}>{formatDateTime(queuedAt, now)}</span>
        {errorCount > 0 && (
          <span className={styles.errors}>
            <CircleX aria-hidden size={11} />
            {plural(errorCount, "error")}
          </span>
        )}
        <span className={styles.amounts}>
          {spanCount > 0 && plural(spanCount, "span")}
          {tokenUsage.total > 0 && (
            <span title={`${formatCount(tokenUsage.input)} in, ${formatCount(tokenUsage.output)} out`}>
              {formatTokens(tokenUsage.total)} tokens
            </span>
          )}
        </span>
      </span>
    </div>
  );
}
