import { useEffect, useState, type RefObject } from "react";

/** Rows drawn beyond the edges, so that a frame that comes late shows no gap. */
const OVERSCAN = 8;

export interface RowWindow {
  readonly first: number;
  /** Exclusive. */
  readonly last: number;
}

/**
 * Which rows are in view. All rows have one height, so this is arithmetic: nothing is kept per row, and a change of 100,000 rows costs
 * nothing here.
 */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  height: number,
): RowWindow {
  const [shown, setShown] = useState<RowWindow>({ first: 0, last: 0 });

  useEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const update = () => {
      const last = Math.min(count, Math.ceil((box.scrollTop + height) / rowHeight) + OVERSCAN);
      const first = Math.min(last, Math.max(0, Math.floor(box.scrollTop / rowHeight) - OVERSCAN));
      setShown((known) => (known.first === first && known.last === last ? known : { first, last }));
    };
    update();
    box.addEventListener("scroll", update, { passive: true });
    return () => box.removeEventListener("scroll", update);
  }, [scroller, count, rowHeight, height]);

  return { first: Math.min(shown.first, count), last: Math.min(shown.last, count) };
}
