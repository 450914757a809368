import { useSyncExternalStore } from "react";

/** Often enough that a clock with tenths of seconds does not jump. */
const TICK_MS = 200;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  now = Date.now();
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

const never = () => () => undefined;

/** The time on one clock for all that tick. */
export function useNow(ticking: boolean): number {
  return useSyncExternalStore(ticking ? subscribe : never, () => now);
}
