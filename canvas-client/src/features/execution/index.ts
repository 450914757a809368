export { ExecutionTab } from "./ExecutionTab";
export { StartRunDialog } from "./StartRunDialog";
