export { SpanDetails } from "./SpanDetails";
