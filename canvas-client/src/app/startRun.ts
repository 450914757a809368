import { create } from "zustand";

interface StartRun {
  /** The workflow whose inputs are being asked for. */
  readonly workflowId: string | null;
}

export const useStartRun = create<StartRun>(() => ({ workflowId: null }));

/** Opens the dialog that asks for a workflow's inputs and starts it. It goes to the new run by itself. */
export function startRun(workflowId: string): void {
  useStartRun.setState({ workflowId });
}

export function endStartRun(): void {
  useStartRun.setState({ workflowId: null });
}
