import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";

import type { SpanRecord } from "../model/span";
import type { SpanTree } from "../model/spanTree";
import type { TimeWindow } from "../model/timeScale";
import { boundsOf, isRunning, nowOf, selectedSpan } from "./selectors";
import type { LinkState, TraceActions, TraceState } from "./traceState";
import type { TraceStore } from "./traceStore";

const TraceContext = createContext<TraceStore | null>(null);

export function TraceProvider({ store, children }: { readonly store: TraceStore; readonly children: ReactNode }) {
  return <TraceContext value={store}>{children}</TraceContext>;
}

/** The store itself, for what reads it outside of rendering. */
export function useTraceStore(): TraceStore {
  const store = useContext(TraceContext);
  if (store === null) throw new Error("used outside of a TraceProvider");
  return store;
}

/** A part of the trace's state. A selector that makes an object has to go through `useShallow`. */
export function useTrace<Part>(selector: (state: TraceState) => Part): Part {
  return useStore(useTraceStore(), selector);
}

/** What can be done; never changes. */
export function useTraceActions(): TraceActions {
  const { selectSpan, change, focusRow, setZoom, setFolds } = useTraceStore().getState();
  return useMemo(
    () => ({ selectSpan, change, focusRow, setZoom, setFolds }),
    [selectSpan, change, focusRow, setZoom, setFolds],
  );
}

export interface SelectedSpan {
  readonly spanId: string | null;
  /** Undefined while its span has not been read. A new object whenever the span changes. */
  readonly record: SpanRecord | undefined;
}

export function useSelectedSpan(): SelectedSpan {
  return useTrace(useShallow((state) => ({ spanId: state.selectedId, record: selectedSpan(state) })));
}

export interface SpanSnapshot {
  readonly tree: SpanTree;
  /** `tree` is the same object when it grows: put this into dependencies. */
  readonly version: number;
}

/** All spans; drawn again whenever some change, at most once a frame. */
export function useSpans(): SpanSnapshot {
  return useTrace(useShallow(({ tree, version }) => ({ tree, version })));
}

export function useLink(): LinkState {
  return useTrace((state) => state.link);
}

/** The present on the trace's clock; ticks while something runs. */
export function useNow(everyMs = 1_000): number {
  const store = useTraceStore();
  const ticking = useTrace(isRunning);
  const [now, setNow] = useState(() => nowOf(store.getState()));
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => setNow(nowOf(store.getState())), everyMs);
    return () => clearInterval(timer);
  }, [store, ticking, everyMs]);
  return ticking ? Math.max(now, 0) : now;
}

const lastBounds = new WeakMap<TraceStore, TimeWindow>();

/** The same object as long as the bounds are the same. */
function readBounds(store: TraceStore): TimeWindow {
  const known = lastBounds.get(store);
  const bounds = boundsOf(store.getState());
  if (known?.startMs === bounds.startMs && known.endMs === bounds.endMs) return known;
  lastBounds.set(store, bounds);
  return bounds;
}

/** The stretch of time that is shown, and the whole of the trace. While it runs, the whole grows in steps. */
export function useTimeWindow(): { readonly window: TimeWindow; readonly bounds: TimeWindow } {
  const store = useTraceStore();
  const zoom = useTrace((state) => state.zoom);
  const subscribe = useCallback(
    (changed: () => void) => {
      const unsubscribe = store.subscribe(changed);
      const timer = setInterval(changed, 250);
      return () => {
        clearInterval(timer);
        unsubscribe();
      };
    },
    [store],
  );
  const bounds = useSyncExternalStore(subscribe, () => readBounds(store));
  return useMemo(() => ({ window: zoom ?? bounds, bounds }), [zoom, bounds]);
}
