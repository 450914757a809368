export { TraceTab } from "./TraceTab";
