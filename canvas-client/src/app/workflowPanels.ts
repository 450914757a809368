import { lazyTab } from "./lazyTab";
import type { WorkflowTab } from "./workflowRoute";

/** The panels of a workflow's page, each loaded by itself. */
export const WORKFLOW_PANELS: Readonly<Record<WorkflowTab, ReturnType<typeof lazyTab>>> = {
  canvas: lazyTab(() => import("@/features/canvas").then(({ CanvasTab }) => CanvasTab)),
  execution: lazyTab(() => import("@/features/execution").then(({ ExecutionTab }) => ExecutionTab)),
  trace: lazyTab(() => import("@/features/trace").then(({ TraceTab }) => TraceTab)),
};
