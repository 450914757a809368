import { useRef } from "react";
import type { KeyboardEvent } from "react";
import { Link } from "react-router";

import { tracePath } from "@/app";
import { STATUSES, Tooltip, cx, formatAgo, formatDuration, statusOfExecution, useNow } from "@/ui";

import styles from "./RunStrip.module.css";
import type { RecentRun } from "./api/documents";

interface RunStripProps {
  readonly workflowId: string;
  readonly name: string;
  /** Newest first, as the API gives them. */
  readonly runs: readonly RecentRun[];
}

/** The newest runs as states, the newest at the right; each leads to its trace. One tab stop: arrows move inside. */
export function RunStrip({ workflowId, name, runs }: RunStripProps) {
  const list = useRef<HTMLUListElement>(null);
  const now = useNow(30_000);

  const onKeyDown = (event: KeyboardEvent) => {
    const links = Array.from(list.current?.querySelectorAll("a") ?? []);
    const at = links.findIndex((link) => link === document.activeElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: links.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    links[to]?.focus();
    event.preventDefault();
  };

  return (
    // The keys only move the focus between the links.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <ul ref={list} className={styles.strip} aria-label={`Last runs of ${name}`} onKeyDown={onKeyDown}>
      {runs.toReversed().map(({ executionId, traceId, status, queuedAt, durationMs }, index) => {
        const { label, tone, Icon } = STATUSES[statusOfExecution(status)];
        const text = [label, formatDuration(durationMs), formatAgo(queuedAt, now)].filter(Boolean).join(", ");
        return (
          <li key={executionId}>
            <Tooltip text={text}>
              <Link
                to={tracePath({ workflowId, executionId, traceId })}
                aria-label={text}
                tabIndex={index === runs.length - 1 ? 0 : -1}
                className={styles.run}
                style={{ color: `var(--state-${tone}-text)` }}
              >
                {status === "SUCCEEDED" ? (
                  <span aria-hidden className={styles.ok} />
                ) : (
                  <Icon aria-hidden size={14} className={cx(status === "RUNNING" && styles.running)} />
                )}
              </Link>
            </Tooltip>
          </li>
        );
      })}
    </ul>
  );
}
