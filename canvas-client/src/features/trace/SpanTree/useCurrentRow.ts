import { useCallback, useEffect, useLayoutEffect, useRef, type FocusEvent, type RefObject } from "react";

import type { RowList } from "../model/flattenRows";
import { useTrace, useTraceStore } from "../store";
import { keyOfRow, rowOfKey } from "../store/rowKeys";
import { rowsOf } from "../store/rows";

export interface CurrentRow {
  /** The row that has the focus when the grid has it; -1 without rows. */
  readonly row: number;
  /** Makes a row the current one, selects its span, and takes the focus there. */
  readonly moveTo: (row: number) => void;
  readonly onFocus: () => void;
  readonly onBlur: (event: FocusEvent) => void;
}

/** The roving focus of the grid. It stays with its span while rows come and go. */
export function useCurrentRow(scroller: RefObject<HTMLElement | null>, rows: RowList, rowHeight: number): CurrentRow {
  const store = useTraceStore();
  const tree = useTrace((state) => state.tree);
  const focusKey = useTrace((state) => state.focusKey);
  const reveals = useTrace((state) => state.reveals);
  const wantsFocus = useRef(false);
  const hasFocus = useRef(false);
  const row = rows.length === 0 ? -1 : Math.max(0, focusKey === null ? 0 : rowOfKey(tree, rows, focusKey));

  const moveTo = useCallback(
    (target: number) => {
      if (target < 0 || target >= rows.length) return;
      const { span } = rows.at(target);
      wantsFocus.current = true;
      if (span >= 0) store.getState().selectSpan(tree.get(span).spanId, { byReader: false });
      else store.getState().focusRow(keyOfRow(tree, rows, target));
      scrollToRow(scroller.current, target, rowHeight, "nearest");
    },
    [rows, tree, store, scroller, rowHeight],
  );

  useEffect(() => {
    const { selectedId } = store.getState();
    if (reveals === 0 || selectedId === null) return;
    const target = rowOfKey(tree, rowsOf(store.getState()), selectedId);
    scrollToRow(scroller.current, target, rowHeight, "centre");
  }, [store, tree, scroller, reveals, rowHeight]);

  useLayoutEffect(() => {
    // The focused row may be gone, folded into another: the focus goes to the row that took its place.
    const lost = hasFocus.current && document.activeElement === document.body;
    if (!wantsFocus.current && !lost) return;
    wantsFocus.current = false;
    scroller.current?.querySelector<HTMLElement>(`[data-row="${row}"]`)?.focus({ preventScroll: true });
  });

  return {
    row,
    moveTo,
    onFocus: () => (hasFocus.current = true),
    onBlur: ({ target }) => {
      if (target.isConnected) hasFocus.current = false;
    },
  };
}

/** Brings a row into view when it is not. */
function scrollToRow(box: HTMLElement | null, row: number, rowHeight: number, where: "nearest" | "centre"): void {
  if (box === null || row < 0) return;
  const top = row * rowHeight;
  const { scrollTop, clientHeight } = box;
  if (top >= scrollTop && top + rowHeight <= scrollTop + clientHeight) return;
  if (where === "centre") box.scrollTop = top - clientHeight / 2;
  else box.scrollTop = top < scrollTop ? top : top + rowHeight - clientHeight;
}
