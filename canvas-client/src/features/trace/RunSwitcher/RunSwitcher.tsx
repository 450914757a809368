import { ChevronsUpDown } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";

import { useShortcuts, useWorkflowRoute } from "@/app";
import {
  StatusPill,
  cx,
  formatAgo,
  formatDateTime,
  formatDateTimeExact,
  formatDuration,
  plural,
  statusOfExecution,
} from "@/ui";

import { TRACE_KEYS } from "../shortcuts";
import type { ExecutionSummary } from "../store";
import { useRecentRuns } from "./recentRuns";
import styles from "./RunSwitcher.module.css";

/** Which run this is, and the way to the workflow's other recent runs. */
export function RunSwitcher({ execution }: { readonly execution: ExecutionSummary }) {
  const { workflowId } = useWorkflowRoute();
  const [open, setOpen] = useState(false);
  useShortcuts("Trace", [
    {
      id: "choose-run",
      keys: TRACE_KEYS.chooseRun,
      label: "Choose another run",
      enabled: workflowId !== null,
      run: () => setOpen(true),
    },
  ]);
  const started = execution.startedAt ?? execution.queuedAt;
  if (workflowId === null) {
    return (
      <span className={styles.alone} title={formatDateTimeExact(started)}>
        {execution.workflowName ?? "Run"} · {formatDateTime(started)}
      </span>
    );
  }
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className={styles.trigger} title={formatDateTimeExact(started)}>
        {formatDateTime(started)}
        <ChevronsUpDown aria-hidden size={12} />
        <span className="visually-hidden">: choose another run</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.list}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Recent runs"
        >
          <Runs workflowId={workflowId} executionId={execution.executionId} onChosen={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface RunsProps {
  readonly workflowId: string;
  readonly executionId: string;
  readonly onChosen: () => void;
}

function Runs({ workflowId, executionId, onChosen }: RunsProps) {
  const { setExecution, setTab } = useWorkflowRoute();
  const { runs, error } = useRecentRuns(workflowId);
  return (
    <>
      <ul>
        {runs?.map((run) => (
          <li key={run.executionId}>
            <button
              type="button"
              aria-current={run.executionId === executionId}
              className={cx(styles.run, run.executionId === executionId && styles.shown)}
              onClick={() => {
                setExecution(run.executionId);
                onChosen();
              }}
            >
              <StatusPill status={statusOfExecution(run.status)} compact />
              <span className={styles.when}>{formatDateTime(run.queuedAt)}</span>
              <span className={styles.ago}>{formatAgo(run.queuedAt)}</span>
              <span className={styles.spans}>{plural(run.spanCount, "span")}</span>
              <span className={styles.took}>{formatDuration(run.durationMs)}</span>
            </button>
          </li>
        ))}
      </ul>
      {runs === null && <p className={styles.note}>{error ? "The runs cannot be read now." : "Reading the runs…"}</p>}
      <button type="button" className={styles.all} onClick={() => setTab("execution")}>
        All runs
      </button>
    </>
  );
}
