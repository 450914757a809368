import type { MouseEvent } from "react";

import type { RowList } from "../model/flattenRows";
import { parentOfUnread } from "../model/siblings";
import { subtreeKeys } from "../model/subtree";
import { useTrace, useTraceStore } from "../store";
import { keyOfRow } from "../store/rowKeys";

/** Clicks anywhere in the grid: on a toggle they fold, with Alt all below as well; on a row they select. */
export function useTreePointer(rows: RowList) {
  const store = useTraceStore();
  const tree = useTrace((state) => state.tree);

  const rowOf = (event: MouseEvent): number => {
    const element = event.target instanceof Element ? event.target.closest("[data-row]") : null;
    return element instanceof HTMLElement ? Number(element.dataset.row) : -1;
  };

  return {
    onClick: (event: MouseEvent) => {
      const row = rowOf(event);
      if (row < 0 || row >= rows.length) return;
      const { expanded, span, group } = rows.at(row);
      const onToggle = event.target instanceof Element && event.target.closest("[data-toggle]") !== null;
      const { selectSpan, setFolds, change, readChildren } = store.getState();
      if (group?.kind === "unread") readChildren?.(parentOfUnread(group));
      else if (expanded !== null && (onToggle || span < 0)) {
        const key = keyOfRow(tree, rows, row);
        setFolds(event.altKey && span >= 0 ? subtreeKeys(tree, span) : [key], !expanded);
        change({ following: false });
      } else if (span >= 0) {
        selectSpan(tree.get(span).spanId);
        change({ detailsOpen: true });
      }
    },
    onDoubleClick: (event: MouseEvent) => {
      const row = rowOf(event);
      if (row < 0 || row >= rows.length || rows.at(row).span < 0) return;
      const { expanded } = rows.at(row);
      const onToggle = event.target instanceof Element && event.target.closest("[data-toggle]") !== null;
      if (expanded !== null && !onToggle) store.getState().setFolds([keyOfRow(tree, rows, row)], !expanded);
    },
  };
}
