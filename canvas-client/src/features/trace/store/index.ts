/** What the parts of the Trace tab share: the trace as it is known, and what the reader chose. */
export { boundsOf, isRunning, nowOf } from "./selectors";
export {
  TraceProvider,
  useLink,
  useNow,
  useSelectedSpan,
  useSpans,
  useTimeWindow,
  useTrace,
  useTraceActions,
  useTraceStore,
} from "./TraceProvider";
export type { SelectedSpan, SpanSnapshot } from "./TraceProvider";
export { createTraceStore } from "./traceStore";
export type { TraceStore } from "./traceStore";
export { TRACE_VIEWS } from "./traceState";
export type * from "./traceState";
