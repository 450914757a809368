export { usePlace } from "./breadcrumbs";
export { isShortcut, useShortcuts } from "./shortcuts";
export type { Shortcut } from "./shortcuts";
export { startRun } from "./startRun";
export { useTheme } from "./theme";
export { tracePath, useLateParams, useWorkflowRoute, WORKFLOW_TABS, workflowPath } from "./workflowRoute";
export type { WorkflowRoute, WorkflowTab } from "./workflowRoute";
