export { WorkflowsPage } from "./WorkflowsPage";
