import { useEffect, useState } from "react";

import { firstError } from "./model/navigate";
import type { TraceState, TraceStore } from "./store";
import { readTraceParams } from "./url";

/** Below this width details cover the tree, so nothing is selected that the reader has not chosen. */
const NARROW = "(max-width: 1099px)";

/**
 * How a trace is first shown: as its link says, else following the newest span while it runs, else with the first error in view and
 * selected, or the root.
 */
export function useOpening(store: TraceStore, params: URLSearchParams): void {
  // What the address said when the trace was opened; later it says what the reader did.
  const [linked] = useState(() => readTraceParams(params));

  useEffect(() => {
    const opening = store.getState();
    const hasLink = opening.selectedId !== null;
    let zoomed = linked.zoom === null;
    let revealed = false;
    const open = (state: TraceState): boolean => {
      const { tree, execution, load } = state;
      if (tree.size === 0 || execution === null) return false;
      if (!zoomed && linked.zoom !== null) {
        zoomed = true;
        state.change({
          zoom: { startMs: linked.zoom.startMs + tree.minStartMs, endMs: linked.zoom.endMs + tree.minStartMs },
        });
      }
      if (hasLink) {
        const { selectedId } = state;
        if (selectedId !== null && !revealed && tree.indexOf(selectedId) >= 0) {
          revealed = true;
          state.selectSpan(selectedId, { reveal: true, byReader: false });
        }
        return revealed || load.phase !== "loading";
      }
      if (state.selectedId !== null) return true;
      const live = execution.status === "QUEUED" || execution.status === "RUNNING";
      if (live) {
        state.change({ following: true });
        return true;
      }
      if (load.phase === "loading") return false;
      if (window.matchMedia(NARROW).matches) return true;
      const error = firstError(tree);
      const first = error >= 0 ? error : (tree.roots[0] ?? -1);
      if (first >= 0) state.selectSpan(tree.get(first).spanId, { reveal: error >= 0, byReader: false });
      return true;
    };
    // What is opened changes the store, which must not open it again.
    let done = false;
    const attempt = (state: TraceState) => {
      if (done) return;
      done = true;
      done = open(state);
    };
    attempt(opening);
    return store.subscribe(attempt);
  }, [store, linked]);
}
