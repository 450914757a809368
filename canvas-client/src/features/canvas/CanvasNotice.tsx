import { CircleX, Info } from "lucide-react";
import type { ReactNode } from "react";

import { useWorkflowRoute } from "@/app";
import { Button } from "@/ui";

import styles from "./CanvasNotice.module.css";
import type { CanvasWorkflow } from "./api/useDefinition";
import type { ExecutionState } from "./api/useExecution";

interface CanvasNoticeProps {
  readonly workflow: CanvasWorkflow;
  readonly version: number;
  readonly versionMissing: boolean;
  readonly state: ExecutionState;
  /** The execution is one of this workflow's. */
  readonly isOurs: boolean;
  readonly onVersion: (version: number) => void;
}

/** One line on what is not as one would think: another version, an execution that is not there. */
export function CanvasNotice({ workflow, version, versionMissing, state, isOurs, onVersion }: CanvasNoticeProps) {
  const { setExecution } = useWorkflowRoute();
  const newest = <Button onClick={() => setExecution(null)}>Show the newest</Button>;
  const { phase, execution, message, retry } = state;

  if (phase === "missing") {
    return (
      <Notice failed action={newest}>
        There is no such execution. It may have been deleted.
      </Notice>
    );
  }
  if (phase === "deleted") {
    return (
      <Notice failed action={newest}>
        This execution was deleted. What is shown is how it was.
      </Notice>
    );
  }
  if (phase === "failed") {
    return (
      <Notice failed action={<Button onClick={retry}>Try again</Button>}>
        The execution cannot be read. {message}
      </Notice>
    );
  }
  if (execution && !isOurs) {
    return (
      <Notice failed action={newest}>
        This execution is not one of this workflow.
      </Notice>
    );
  }
  if (versionMissing) {
    return (
      <Notice
        failed
        action={<Button onClick={() => onVersion(workflow.version)}>Show version {workflow.version}</Button>}
      >
        There is no version {version}.
      </Notice>
    );
  }
  if (workflow.external) {
    return <Notice>Another engine runs this workflow. Its graph is drawn from what the spans of a run tell.</Notice>;
  }
  if (version !== workflow.version) {
    return (
      <Notice action={<Button onClick={() => onVersion(workflow.version)}>Show the current one</Button>}>
        This is version {version}; version {workflow.version} is the current one.
      </Notice>
    );
  }
  return null;
}

interface NoticeProps {
  readonly failed?: boolean;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

function Notice({ failed = false, children, action }: NoticeProps) {
  const Icon = failed ? CircleX : Info;
  return (
    <div role={failed ? "alert" : "note"} className={failed ? styles.failed : styles.notice}>
      <Icon aria-hidden size={14} />
      <span className={styles.text}>{children}</span>
      {action}
    </div>
  );
}
