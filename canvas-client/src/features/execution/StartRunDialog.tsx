import { useState } from "react";
import { useMatch, useNavigate, useSearchParams } from "react-router";
import { useMutation, useQuery } from "urql";

import { WORKFLOW_TABS, workflowPath } from "@/app";
import { describeError } from "@/graphql";
import { Button, Dialog, EmptyState, ErrorState, Skeleton } from "@/ui";

import { InputsForm } from "./InputsForm";
import styles from "./StartRunDialog.module.css";
import { ExecutionDetailsDocument, StartExecutionDocument, WorkflowInputsDocument } from "./api/documents";

interface StartRunDialogProps {
  readonly workflowId: string;
  /** A run whose inputs the form starts from, instead of the workflow's defaults. */
  readonly likeExecutionId?: string | null;
  readonly onClose: () => void;
}

const FORM = "start-run";

/** Asks for a workflow's inputs, starts it, and goes to the new run. */
export function StartRunDialog({ workflowId, likeExecutionId = null, onClose }: StartRunDialogProps) {
  const [{ data, error, fetching }, readAgain] = useQuery({
    query: WorkflowInputsDocument,
    variables: { workflowId },
    requestPolicy: "cache-and-network",
  });
  const [like] = useQuery({
    query: ExecutionDetailsDocument,
    variables: { executionId: likeExecutionId ?? "" },
    pause: likeExecutionId === null,
  });
  const [problem, setProblem] = useState<string | null>(null);
  const { busy, start } = useStart(workflowId, onClose, setProblem);
  const workflow = data?.workflow;
  const ready = workflow && !workflow.external && (likeExecutionId === null || (like.data ?? like.error));

  return (
    <Dialog
      title={workflow ? `Run ${workflow.name}` : "Run a workflow"}
      width={560}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {ready && (
            <Button type="submit" form={FORM} variant="primary" busy={busy}>
              Start
            </Button>
          )}
        </>
      }
    >
      {ready ? (
        <InputsForm id={FORM} definition={workflow.definition} inputs={like.data?.execution?.inputs} onSubmit={start} />
      ) : error && !data ? (
        <ErrorState title="The workflow cannot be read" onRetry={() => readAgain({ requestPolicy: "network-only" })}>
          {describeError(error)}
        </ErrorState>
      ) : fetching || !data ? (
        <Skeleton rows={3} />
      ) : (
        <EmptyState title={workflow ? "Another engine runs this workflow" : "There is no such workflow"}>
          {workflow
            ? "Start it there: its trace appears here while it runs."
            : "It may have been saved on another server."}
        </EmptyState>
      )}
      {problem && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
    </Dialog>
  );
}

function useStart(workflowId: string, onStarted: () => void, onProblem: (problem: string | null) => void) {
  const [{ fetching }, execute] = useMutation(StartExecutionDocument);
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const here = useMatch("/workflows/:workflowId/:tab");

  const start = async (inputs: Readonly<Record<string, unknown>>) => {
    onProblem(null);
    const { data, error } = await execute({ workflowId, inputs });
    const execution = data?.startExecution?.execution;
    if (!execution) {
      onProblem(error ? describeError(error) : "The server started nothing.");
      return;
    }
    onStarted();
    // On the workflow's own page the reader stays on the tab; from elsewhere the trace is what there is to see.
    const stays = here?.params.workflowId === workflowId;
    const tab = WORKFLOW_TABS.find((known) => stays && known === here.params.tab) ?? "trace";
    const query = new URLSearchParams(stays ? params : undefined);
    query.set("execution", execution.executionId);
    query.delete("span");
    void navigate(workflowPath(workflowId, tab, `?${query.toString()}`));
  };

  return { busy: fetching, start: (inputs: Readonly<Record<string, unknown>>) => void start(inputs) };
}
