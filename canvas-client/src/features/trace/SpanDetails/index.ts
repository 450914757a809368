export { SpanDetails } from "./SpanDetails";
export type { SpanMark } from "./model/marks";
export { useSpanMarks } from "./api/useSpanMarks";
