export { ExecutionTab } from "./ExecutionTab";
