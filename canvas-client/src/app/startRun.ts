import { create } from "zustand";

interface StartRun {
  /** The workflow whose inputs are being asked for. */
  readonly workflowId: string | null;
  readonly likeExecutionId: string | null;
}

export const useStartRun = create<StartRun>(() => ({ workflowId: null, likeExecutionId: null }));

/**
 * Opens the dialog that asks for a workflow's inputs and starts it; it goes to the new run by itself. The inputs start from
 * those of `likeExecutionId`, where given, else from the workflow's defaults.
 */
export function startRun(workflowId: string, likeExecutionId: string | null = null): void {
  useStartRun.setState({ workflowId, likeExecutionId });
}

export function endStartRun(): void {
  useStartRun.setState({ workflowId: null, likeExecutionId: null });
}
