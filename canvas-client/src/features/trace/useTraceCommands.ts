import { useMemo } from "react";

import { isExpanded } from "./model/expansion";
import { nextError, nextWhere } from "./model/navigate";
import { endMs } from "./model/span";
import { subtreeKeys } from "./model/subtree";
import { lengthOf, pan, windowBetween, zoomAround } from "./model/timeScale";
import { boundsOf, nowOf, useTraceStore, type TimeMode, type TraceStore } from "./store";
import { orderOf } from "./store/rows";
import { selectedSpan, showsCriticalPath } from "./store/selectors";

const ZOOM = 0.5;
const PAN = 0.25;
/** Room beside a span that is zoomed to, as part of its length. */
const MARGIN = 0.05;
const NEXT_MODE: Readonly<Record<TimeMode, TimeMode>> = {
  relative: "absolute",
  absolute: "parent",
  parent: "relative",
};

/** What keys, menus and the palette do to the trace that is shown. */
export function useTraceCommands() {
  const store = useTraceStore();
  return useMemo(() => commandsOf(store), [store]);
}

function commandsOf(store: TraceStore) {
  const get = () => store.getState();
  const windowOf = () => get().zoom ?? boundsOf(get());
  const selectedIndex = () => {
    const { tree, selectedId } = get();
    return selectedId === null ? -1 : tree.indexOf(selectedId);
  };
  const reveal = (index: number) => {
    if (index < 0) return;
    get().change({ view: "tree" });
    get().selectSpan(get().tree.get(index).spanId, { reveal: true });
  };
  const zoom = (factor: number) => {
    const window = windowOf();
    const span = selectedSpan(get());
    const middle = window.startMs + lengthOf(window) / 2;
    const wanted = span === undefined ? middle : span.startMs + (endMs(span, nowOf(get())) - span.startMs) / 2;
    const anchor = wanted > window.startMs && wanted < window.endMs ? wanted : middle;
    get().setZoom(zoomAround(window, anchor, factor, boundsOf(get())));
  };
  const panBy = (part: number) => get().setZoom(pan(windowOf(), lengthOf(windowOf()) * part, boundsOf(get())));

  return {
    nextError: () => reveal(nextError(get().tree, selectedIndex(), false)),
    previousError: () => reveal(nextError(get().tree, selectedIndex(), true)),
    nextModelCall: () => {
      const { tree } = get();
      reveal(nextWhere(orderOf(get()), selectedIndex(), (index) => tree.get(index).category === "LLM"));
    },
    zoomIn: () => zoom(ZOOM),
    zoomOut: () => zoom(1 / ZOOM),
    resetZoom: () => get().setZoom(null),
    panLeft: () => panBy(-PAN),
    panRight: () => panBy(PAN),
    fitSelected: () => {
      const span = selectedSpan(get());
      if (span === undefined) return;
      const end = endMs(span, nowOf(get()));
      const margin = (end - span.startMs) * MARGIN;
      get().setZoom(windowBetween(span.startMs - margin, end + margin, boundsOf(get())));
    },
    nextTimeMode: () => get().change({ timeMode: NEXT_MODE[get().timeMode] }),
    toggleCriticalPath: () => get().change({ criticalPath: !showsCriticalPath(get()) }),
    toggleFollow: () => get().change({ following: !get().following }),
    toggleSubtree: () => {
      const { tree, expansion, setFolds } = get();
      const index = selectedIndex();
      if (index < 0) return;
      const open = isExpanded(expansion, tree.get(index).spanId, tree.depthOf(index) + 1);
      setFolds(subtreeKeys(tree, index), !open);
    },
    /** Takes back one thing: the details over the tree, then the search, then the zoom, then the selection. */
    back: () => {
      const { search, zoom: zoomed, selectedId, detailsOpen, change, setZoom, selectSpan } = get();
      if (detailsOpen) change({ detailsOpen: false });
      else if (search !== "") change({ search: "", onlyHits: false });
      else if (zoomed !== null) setZoom(null);
      else if (selectedId !== null) selectSpan(null);
    },
  };
}
