import { useEffect, useRef, type RefObject } from "react";

import { useTraceStore } from "../store";
import { timeOfX, type Scale } from "./barGeometry";
import styles from "./Crosshair.module.css";
import { momentLabel } from "./gridlines";

interface CrosshairProps {
  readonly panel: RefObject<HTMLElement | null>;
  readonly scale: Scale;
  readonly zeroMs: number;
  readonly nameWidth: number;
}

/** A line through all rows under the pointer, with its time on the axis. Moved without rendering. */
export function Crosshair({ panel, scale, zeroMs, nameWidth }: CrosshairProps) {
  const store = useTraceStore();
  const line = useRef<HTMLDivElement>(null);
  const bubble = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    const box = panel.current;
    const cross = line.current;
    if (box === null || cross === null || bubble.current === null) return;
    const label = bubble.current;
    const hide = () => (cross.hidden = true);
    const move = (event: PointerEvent) => {
      const x = event.clientX - box.getBoundingClientRect().left - nameWidth;
      // With a button held something else is measured, or resized.
      if (event.pointerType === "touch" || event.buttons !== 0 || x < 0 || x > scale.width) {
        hide();
        return;
      }
      const { timeMode, originMs, tree } = store.getState();
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-span-id]") : null;
      const parent = row === null ? -1 : tree.parentOf(Math.max(0, tree.indexOf(row.dataset.spanId ?? "")));
      const from = timeMode === "parent" && parent >= 0 ? tree.get(parent).startMs : zeroMs;
      cross.hidden = false;
      cross.style.transform = `translateX(${x}px)`;
      label.textContent = momentLabel(timeOfX(scale, x), scale, { zeroMs: from, timeMode, originMs: originMs ?? 0 });
      label.dataset.flipped = String(x > scale.width - 90);
    };
    box.addEventListener("pointermove", move, { passive: true });
    box.addEventListener("pointerleave", hide);
    return () => {
      box.removeEventListener("pointermove", move);
      box.removeEventListener("pointerleave", hide);
    };
  }, [panel, scale, zeroMs, nameWidth, store]);

  return (
    <div ref={line} hidden aria-hidden className={styles.cross}>
      <span ref={bubble} className={styles.bubble} />
    </div>
  );
}
