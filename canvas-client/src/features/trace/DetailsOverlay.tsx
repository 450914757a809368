import { ChevronLeft, ChevronRight, ChevronUp, X } from "lucide-react";
import { useRef, useState, type ReactNode, type TouchEvent } from "react";

import { IconButton, cx } from "@/ui";

import styles from "./DetailsOverlay.module.css";
import { NARROW, useMediaQuery } from "./hooks/useMediaQuery";
import { useTrace, useTraceActions, useTraceStore } from "./store";
import { rowsOf } from "./store/rows";

const SWIPE_PX = 60;

/** Details over the tree: at the right of it, or on a phone as a sheet that can be pulled up and swiped through. */
export function DetailsOverlay({ children }: { readonly children: ReactNode }) {
  const store = useTraceStore();
  const open = useTrace((state) => state.detailsOpen && state.selectedId !== null);
  const narrow = useMediaQuery(NARROW);
  const { change } = useTraceActions();
  const [full, setFull] = useState(false);
  const touch = useRef<{ readonly x: number; readonly y: number } | null>(null);
  if (!open) return null;

  const step = (by: 1 | -1) => {
    const state = store.getState();
    const rows = rowsOf(state);
    const from = rows.rowOf(state.tree.indexOf(state.selectedId ?? ""));
    for (let row = from + by; row >= 0 && row < rows.length; row += by) {
      const span = rows.spanAt(row);
      if (span < 0) continue;
      state.selectSpan(state.tree.get(span).spanId, { reveal: true, byReader: false });
      return;
    }
  };
  const onTouchEnd = (event: TouchEvent) => {
    const from = touch.current;
    const to = event.changedTouches[0];
    touch.current = null;
    if (from === null || to === undefined) return;
    const [x, y] = [to.clientX - from.x, to.clientY - from.y];
    if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) step(x < 0 ? 1 : -1);
  };
  return (
    <aside
      className={cx(styles.overlay, narrow && styles.sheet, full && styles.full)}
      aria-label="Details"
      onTouchStart={({ touches }) => {
        const first = touches[0];
        touch.current = first ? { x: first.clientX, y: first.clientY } : null;
      }}
      onTouchEnd={onTouchEnd}
    >
      <div className={styles.bar}>
        <IconButton label="Previous span" icon={ChevronLeft} onClick={() => step(-1)} />
        <IconButton label="Next span" icon={ChevronRight} onClick={() => step(1)} />
        <span className={styles.end}>
          {narrow && (
            <IconButton
              label={full ? "Lower the details" : "Raise the details"}
              icon={ChevronUp}
              className={full ? styles.down : undefined}
              onClick={() => setFull(!full)}
            />
          )}
          <IconButton label="Close the details" icon={X} onClick={() => change({ detailsOpen: false })} />
        </span>
      </div>
      <div className={styles.content}>{children}</div>
    </aside>
  );
}
