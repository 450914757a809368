import { useEffect, useSyncExternalStore } from "react";

import { useSelectedSpan, useTrace, useTraceStore } from "../../store";
import { factsCache, payloadCache, prefetchSpan } from "./detailsCache";
import type { FactsPart, PayloadPart } from "./spanDetails";

export interface SpanDetailsState {
  readonly facts: FactsPart;
  readonly payload: PayloadPart;
  readonly readAgain: () => void;
}

/** Long enough that a run of arrow keys reads nothing on its way. */
const SETTLED_MS = 120;

/** The details of a span, read again when a newer revision of it is known. */
export function useSpanDetails(spanId: string): SpanDetailsState {
  const executionId = useTrace((state) => state.executionId);
  const revision = useSelectedSpan().record?.revision ?? 0;
  const facts = useSyncExternalStore(factsCache.subscribe, () => factsCache.peek(executionId, spanId));
  const payload = useSyncExternalStore(payloadCache.subscribe, () => payloadCache.peek(executionId, spanId));

  useEffect(() => prefetchSpan(executionId, spanId, revision), [executionId, spanId, revision]);
  usePrefetchedNeighbours(executionId, spanId);

  return {
    facts,
    payload,
    readAgain: () => {
      factsCache.readAgain(executionId, spanId);
      payloadCache.readAgain(executionId, spanId);
    },
  };
}

/** The spans before and after it in the order of starts below the same parent, and its first child: likely the next ones. */
function usePrefetchedNeighbours(executionId: string, spanId: string): void {
  const store = useTraceStore();
  useEffect(() => {
    const timer = setTimeout(() => {
      const { tree } = store.getState();
      const index = tree.indexOf(spanId);
      if (index < 0) return;
      const siblings = tree.siblingsOf(index);
      const place = siblings.indexOf(index);
      for (const next of [siblings[place + 1], siblings[place - 1], tree.childrenOf(index)[0]]) {
        if (next === undefined) continue;
        const span = tree.get(next);
        factsCache.want(executionId, span.spanId, span.revision);
      }
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [store, executionId, spanId]);
}
