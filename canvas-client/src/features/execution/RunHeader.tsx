import { ArrowLeft, CircleStop, ListTree, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";

import { startRun, useShortcuts, useWorkflowRoute } from "@/app";
import type { ExecutionRowFragment } from "@/graphql";
import {
  Button,
  CopyButton,
  Dialog,
  IconButton,
  StatusPill,
  formatDuration,
  statusOfExecution,
  useMediaQuery,
  useNow,
} from "@/ui";

import styles from "./RunDetails.module.css";
import type { ExecutionDetails } from "./api/documents";
import { useRunActions } from "./api/useRunActions";
import { CompareMenu } from "./compare";
import { elapsedMs, isUnfinished } from "./model/elapsed";

interface RunHeaderProps {
  readonly execution: ExecutionDetails;
  readonly runs: readonly ExecutionRowFragment[];
  readonly onCompare: (executionId: string) => void;
  readonly onBack?: () => void;
  readonly onDeleted: () => void;
}

export function RunHeader({ execution, runs, onCompare, onBack, onDeleted }: RunHeaderProps) {
  const { executionId, status, workflow, workflowVersion } = execution;
  const { setTab } = useWorkflowRoute();
  const [asking, setAsking] = useState(false);
  const { cancelling, deleting, cancel, remove } = useRunActions(executionId, onDeleted);
  const unfinished = isUnfinished(execution);
  const now = useNow(1_000, status === "RUNNING");
  const again = workflow && workflowVersion != null ? () => startRun(workflow.workflowId, executionId) : undefined;

  const openTrace = () => setTab("trace");
  useShortcuts("Run", [
    { id: "trace", keys: "t", label: "Open the run's trace", run: openTrace },
    { id: "again", label: "Run again with these inputs", enabled: again !== undefined, run: () => again?.() },
    { id: "cancel", label: "Cancel the run", enabled: unfinished, run: cancel },
    { id: "delete", label: "Delete the run", enabled: !unfinished, run: () => setAsking(true) },
  ]);

  const isNarrow = onBack !== undefined;
  // Beside the list of runs there is half the room.
  const isCompact = useMediaQuery("(width < 1024px)");
  return (
    <header className={styles.header}>
      {onBack && <IconButton label="Back to the runs" icon={ArrowLeft} onClick={onBack} />}
      <StatusPill status={statusOfExecution(status)} />
      <span className={styles.duration}>{formatDuration(elapsedMs(execution, now))}</span>
      {!isNarrow && (
        <>
          <code className={styles.id} title={executionId}>
            {executionId}
          </code>
          <CopyButton label="Copy the run's id" text={executionId} small />
        </>
      )}
      <span className={styles.actions}>
        {isCompact ? (
          <IconButton label="Trace" icon={ListTree} onClick={openTrace} />
        ) : (
          <Button icon={ListTree} onClick={openTrace}>
            Trace
          </Button>
        )}
        <CompareMenu executionId={executionId} runs={runs} compact={isCompact} onCompare={onCompare} />
        {unfinished &&
          (isCompact ? (
            <IconButton label="Cancel" icon={CircleStop} onClick={cancel} />
          ) : (
            <Button icon={CircleStop} busy={cancelling} onClick={cancel}>
              Cancel
            </Button>
          ))}
        {again && <IconButton label="Run again with these inputs" icon={RotateCcw} onClick={again} />}
        {!unfinished && <IconButton label="Delete the run" icon={Trash2} onClick={() => setAsking(true)} />}
      </span>
      {asking && (
        <Dialog
          title="Delete this run?"
          width={420}
          onClose={() => setAsking(false)}
          footer={
            <>
              <Button data-autofocus onClick={() => setAsking(false)}>
                Keep it
              </Button>
              <Button variant="danger" icon={Trash2} busy={deleting} onClick={remove}>
                Delete
              </Button>
            </>
          }
        >
          Its trace and the files that it produced are deleted with it. This cannot be undone.
        </Dialog>
      )}
    </header>
  );
}
