import { preloadable } from "./preloadable";
import type { WorkflowTab } from "./workflowRoute";

/** The panels of a workflow's page, each loaded by itself. */
export const WORKFLOW_PANELS: Readonly<Record<WorkflowTab, ReturnType<typeof preloadable>>> = {
  canvas: preloadable(() => import("@/features/canvas").then(({ CanvasTab }) => CanvasTab)),
  execution: preloadable(() => import("@/features/execution").then(({ ExecutionTab }) => ExecutionTab)),
  trace: preloadable(() => import("@/features/trace").then(({ TraceTab }) => TraceTab)),
};
