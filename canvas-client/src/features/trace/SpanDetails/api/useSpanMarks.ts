import { useMemo, useSyncExternalStore } from "react";

import { useTrace } from "../../store";
import { marksOf, type SpanMark } from "../model/marks";
import { factsCache } from "./detailsCache";

const NONE: readonly SpanMark[] = [];

/** The moments of a span, as soon as its details have been read. */
export function useSpanMarks(spanId: string): readonly SpanMark[] {
  const executionId = useTrace((state) => state.executionId);
  const { data } = useSyncExternalStore(factsCache.subscribe, () => factsCache.peek(executionId, spanId));
  return useMemo(() => (data === null ? NONE : marksOf(data)), [data]);
}
