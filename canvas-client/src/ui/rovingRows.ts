import type { Range } from "@tanstack/react-virtual";
import { useState } from "react";
import type { KeyboardEvent, RefObject } from "react";

const PAGE = 15;

/** The rows to draw: those near the view, and the one with the focus wherever it is scrolled to. */
export function rowsAround({ startIndex, endIndex, overscan, count }: Range, active: number): number[] {
  const first = Math.max(0, startIndex - overscan);
  const last = Math.min(count - 1, endIndex + overscan);
  const inView = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  if (active < 0 || active >= count) return inView;
  return active < first ? [active, ...inView] : active > last ? [...inView, active] : inView;
}

interface RovingRows {
  /** The row that is the list's one tab stop. */
  readonly active: number;
  readonly setActive: (row: number) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** One tab stop for a list of buttons marked with `data-roving`: arrows, Home, End and the page keys move between them. */
export function useRovingRows(
  list: RefObject<HTMLElement | null>,
  count: number,
  scrollTo: ((row: number) => void) | null,
): RovingRows {
  const [wanted, setActive] = useState(0);
  const active = Math.max(0, Math.min(wanted, count - 1));

  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || event.target.dataset.roving === undefined) return;
    const next = Math.max(0, Math.min(count - 1, movedTo(event.key, active, count)));
    if (Number.isNaN(next)) return;
    event.preventDefault();
    event.stopPropagation();
    setActive(next);
    scrollTo?.(next);
    const focus = () => {
      const row = list.current?.querySelector<HTMLElement>(`[data-roving="${next}"]`);
      row?.focus({ preventScroll: scrollTo !== null });
      return row != null;
    };
    // A row that was out of view comes into the page only now.
    if (!focus()) requestAnimationFrame(focus);
  };

  return { active, setActive, onKeyDown };
}

function movedTo(key: string, from: number, count: number): number {
  switch (key) {
    case "ArrowDown":
      return from + 1;
    case "ArrowUp":
      return from - 1;
    case "PageDown":
      return from + PAGE;
    case "PageUp":
      return from - PAGE;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return NaN;
  }
}
