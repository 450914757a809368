import { useCallback, useEffect, useEffectEvent, useRef } from "react";

/** Calls `action` soon after the first of several calls, and at most once in `milliseconds`. */
export function useThrottled(action: () => void, milliseconds: number): () => void {
  const run = useEffectEvent(action);
  const runLatest = useRef<() => void>(() => undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  useEffect(() => {
    runLatest.current = () => run();
    return () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    };
  }, []);

  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      runLatest.current();
    }, milliseconds);
  }, [milliseconds]);
}
