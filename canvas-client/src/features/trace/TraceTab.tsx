import { useWorkflowRoute } from "@/app";

import { LatestRun } from "./RunSwitcher/LatestRun";
import { TracePanel } from "./TracePanel";

/** The trace of the execution that the address names, else of the workflow's newest one. */
export function TraceTab() {
  const { executionId } = useWorkflowRoute();
  return executionId === null ? <LatestRun /> : <TracePanel key={executionId} executionId={executionId} />;
}
