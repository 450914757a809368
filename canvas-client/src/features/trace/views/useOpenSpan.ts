import { useCallback } from "react";

import { useTraceActions } from "../store";

/** Selects a span and, where the details lie over the view, brings them up. */
export function useOpenSpan(): (spanId: string) => void {
  const { selectSpan, change } = useTraceActions();
  return useCallback(
    (spanId) => {
      selectSpan(spanId);
      change({ detailsOpen: true });
    },
    [selectSpan, change],
  );
}
