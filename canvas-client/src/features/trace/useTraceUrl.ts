import { useCallback, useEffect, useRef } from "react";

import { useLateParams, useWorkflowRoute } from "@/app";

import type { TraceState, TraceStore } from "./store";
import { readTraceParams, writeTraceParams, type Linked } from "./url";

/** Typing, held arrow keys and zooming write at their first step, and once they pause. */
const SETTLED_MS = 250;

/** The query string without what is not ours, to tell whether the address says what the store says. */
function written(params: URLSearchParams): string {
  const own = new URLSearchParams();
  writeTraceParams(own, readTraceParams(params));
  return own.toString();
}

/** What a link says of the trace, with times on a clock that counts from the start of the trace. */
export function linkedOf(state: TraceState): Linked {
  const start = Number.isFinite(state.tree.minStartMs) ? state.tree.minStartMs : 0;
  const { zoom } = state;
  return { ...state, zoom: zoom === null ? null : { startMs: zoom.startMs - start, endMs: zoom.endMs - start } };
}

/** The query string of a link that restores the trace as it is shown. */
export function linkQuery(state: TraceState, current: URLSearchParams): URLSearchParams {
  const params = new URLSearchParams(current);
  writeTraceParams(params, linkedOf(state));
  if (state.selectedId === null) params.delete("span");
  else params.set("span", state.selectedId);
  return params;
}

/** The whole address of the trace as it is shown. */
export function spanLink(state: TraceState, current: URLSearchParams): string {
  return `${location.origin}${location.pathname}?${linkQuery(state, current).toString()}`;
}

/** Keeps the address and the store saying the same: what the reader does goes to the address, going back comes from it. */
export function useTraceUrl(store: TraceStore): void {
  const { params, spanId, setParams } = useWorkflowRoute();
  const lastPushed = useRef<string | null>(spanId);
  const pending = useRef(false);
  /** The steps of one go are one entry in the history. */
  const pushedInGo = useRef(false);
  const latest = useRef(params);

  useEffect(() => {
    latest.current = params;
  }, [params]);

  useEffect(() => {
    if (pending.current) return;
    const state = store.getState();
    if (spanId !== state.selectedId && spanId !== lastPushed.current) {
      lastPushed.current = spanId;
      state.selectSpan(spanId, { reveal: true });
    }
    const { zoom, ...rest } = readTraceParams(params);
    const own = new URLSearchParams();
    writeTraceParams(own, linkedOf(state));
    if (own.toString() === written(params)) return;
    const start = state.tree.minStartMs;
    state.change({
      ...rest,
      expansion: foldsInLink(params) ? rest.expansion : state.expansion,
      zoom:
        zoom !== null && Number.isFinite(start) ? { startMs: zoom.startMs + start, endMs: zoom.endMs + start } : null,
    });
  }, [store, params, spanId]);

  const write = useCallback(() => {
    if (!pending.current) return latest.current;
    pending.current = false;
    const state = store.getState();
    const next = linkQuery(state, latest.current);
    if (next.toString() === latest.current.toString()) return next;
    const chosen = state.selectedId !== lastPushed.current && state.selectionByReader;
    lastPushed.current = state.selectedId;
    latest.current = next;
    setParams(
      (copy) => {
        for (const key of [...copy.keys()]) copy.delete(key);
        for (const [key, value] of next) copy.set(key, value);
      },
      { replace: !chosen || pushedInGo.current },
    );
    pushedInGo.current ||= chosen;
    return next;
  }, [store, setParams]);

  // Each change of the address makes another `write`; what waits to be written waits on.
  const latestWrite = useRef(write);
  useEffect(() => {
    latestWrite.current = write;
  }, [write]);

  useEffect(() => {
    const write = () => latestWrite.current();
    let first: ReturnType<typeof setTimeout> | undefined;
    let pause: ReturnType<typeof setTimeout> | undefined;
    let led = false;
    const settle = () => {
      write();
      led = false;
      pushedInGo.current = false;
    };
    const unsubscribe = store.subscribe((state, before) => {
      if (!linkedChanged(state, before)) return;
      pending.current = true;
      // Written at once, for a reload keeps what the address says before it begins; after what the same step changes besides.
      const byReader = state.selectedId === before.selectedId || state.selectionByReader;
      if (byReader && !led) {
        led = true;
        first = setTimeout(write);
      }
      clearTimeout(pause);
      pause = setTimeout(settle, SETTLED_MS);
    });
    return () => {
      clearTimeout(first);
      clearTimeout(pause);
      pushedInGo.current = false;
      unsubscribe();
    };
  }, [store]);

  useLateParams(write);
}

const LINKED = [
  "selectedId",
  "view",
  "search",
  "onlyHits",
  "filters",
  "zoom",
  "sort",
  "timeMode",
  "criticalPath",
  "expansion",
] as const;

function linkedChanged(state: TraceState, before: TraceState): boolean {
  return LINKED.some((key) => state[key] !== before[key]);
}

function foldsInLink(params: URLSearchParams): boolean {
  return ["depth", "fold", "unfold"].some((key) => params.has(key));
}
