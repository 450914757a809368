import { createStore, type StoreApi } from "zustand/vanilla";

import { EVERYTHING, withFolds } from "../model/expansion";
import { NO_FILTERS } from "../model/filterSpans";
import { SpanTree } from "../model/spanTree";
import { showsAll } from "../model/timeScale";
import { boundsOf } from "./selectors";
import { unfoldingsFor } from "./reveal";
import type { Interaction, TraceState } from "./traceState";

export type TraceStore = StoreApi<TraceState>;

/** Siblings alike are grouped beyond this, in a trace that is complete. */
export const GROUP_OVER = 8;
/** Rows that somebody watches come and go must not vanish into a group at the ninth. */
export const GROUP_OVER_LIVE = 100;

const UNTOUCHED: Interaction = {
  view: "tree",
  selectedId: null,
  expansion: EVERYTHING,
  filters: NO_FILTERS,
  search: "",
  onlyHits: false,
  sort: "start",
  zoom: null,
  timeMode: "relative",
  criticalPath: null,
  following: false,
  detailsOpen: false,
};

/** The store of one trace; it goes with the trace. `chosen` is what a link or an earlier visit says. */
export function createTraceStore(executionId: string, chosen: Partial<Interaction> = {}): TraceStore {
  return createStore<TraceState>((set, get) => ({
    executionId,
    tree: new SpanTree(),
    version: 0,
    execution: null,
    artifacts: new Map(),
    load: { phase: "loading" },
    link: { state: "off" },
    originMs: null,
    clockCorrectionMs: 0,
    groupOver: GROUP_OVER,
    found: null,
    readChildren: null,
    reveals: 0,
    selectionByReader: false,
    focusKey: null,
    ...UNTOUCHED,
    ...chosen,

    selectSpan(spanId, { reveal = false, byReader = true } = {}) {
      const { tree, expansion, groupOver, reveals } = get();
      const unfold = spanId === null || !reveal ? [] : unfoldingsFor(tree, spanId, expansion, groupOver);
      set({
        selectedId: spanId,
        focusKey: spanId,
        selectionByReader: byReader,
        following: false,
        ...(unfold.length > 0 && { expansion: withFolds(expansion, unfold, true) }),
        ...(reveal && { reveals: reveals + 1 }),
      });
    },
    change: (choice) => set(choice),
    focusRow: (focusKey) => set({ focusKey, following: false }),
    setZoom: (zoom) => set({ zoom: zoom === null || showsAll(zoom, boundsOf(get())) ? null : zoom }),
    setFolds: (keys, expanded) => set({ expansion: withFolds(get().expansion, keys, expanded) }),
  }));
}
