import { useEffect, useRef, useState, type RefObject } from "react";

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
  // Asked of the element, it would be laid out between a change of the rows and their drawing.
  const top = useRef(0);

  useEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const update = () => {
      const last = Math.min(count, Math.ceil((top.current + height) / rowHeight) + OVERSCAN);
      const first = Math.min(last, Math.max(0, Math.floor(top.current / rowHeight) - OVERSCAN));
      setShown((known) => (known.first === first && known.last === last ? known : { first, last }));
    };
    const onScroll = () => {
      top.current = box.scrollTop;
      update();
    };
    update();
    box.addEventListener("scroll", onScroll, { passive: true });
    return () => box.removeEventListener("scroll", onScroll);
  }, [scroller, count, rowHeight, height]);

  return { first: Math.min(shown.first, count), last: Math.min(shown.last, count) };
}
