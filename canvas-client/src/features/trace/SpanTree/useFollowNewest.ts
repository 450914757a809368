import { useEffect, useRef, type RefObject } from "react";

import type { RowList } from "../model/flattenRows";
import { useTrace, useTraceStore } from "../store";
import { rowOfKey } from "../store/rowKeys";

/**
 * Keeps the newest span in view while that is wished, and ends the wish when the reader scrolls. A scroll of our own is told from the
 * reader's by the position that it leads to.
 */
export function useFollowNewest(scroller: RefObject<HTMLElement | null>, rows: RowList, rowHeight: number): void {
  const store = useTraceStore();
  const following = useTrace((state) => state.following);
  const ownTop = useRef(-1);

  useEffect(() => {
    const box = scroller.current;
    if (!following || box === null) return;
    const { tree } = store.getState();
    const row = tree.newest < 0 ? -1 : rowOfKey(tree, rows, tree.get(tree.newest).spanId);
    const above = row * rowHeight;
    const below = (row + 2) * rowHeight - box.clientHeight;
    if (row < 0 || (below <= box.scrollTop && above >= box.scrollTop)) return;
    box.scrollTo({ top: Math.max(0, above < box.scrollTop ? above - rowHeight : below) });
    ownTop.current = box.scrollTop;
  }, [following, rows, rowHeight, scroller, store]);

  useEffect(() => {
    const box = scroller.current;
    if (!following || box === null) return;
    const onScroll = () => {
      if (Math.abs(box.scrollTop - ownTop.current) > 1) store.getState().change({ following: false });
    };
    // Rows that go make the browser scroll as well; only a reader's hand counts.
    const onHand = () => box.addEventListener("scroll", onScroll, { once: true, passive: true });
    const hands = ["wheel", "pointerdown", "touchmove", "keydown"] as const;
    for (const hand of hands) box.addEventListener(hand, onHand, { passive: true });
    return () => {
      for (const hand of hands) box.removeEventListener(hand, onHand);
      box.removeEventListener("scroll", onScroll);
    };
  }, [following, scroller, store]);
}
