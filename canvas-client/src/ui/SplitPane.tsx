import { useCallback, useRef } from "react";
import type { KeyboardEvent, PointerEvent, ReactNode } from "react";

import styles from "./SplitPane.module.css";
import { cx } from "./cx";
import { usePreference } from "./preference";

interface SplitPaneProps {
  /** The key under which the size is kept for this user. */
  readonly id: string;
  /** What is resized, for assistive technology: "Details width". */
  readonly label: string;
  readonly start: ReactNode;
  readonly end: ReactNode;
  /** The pane whose size is kept in pixels; the other takes what is left. */
  readonly sized: "start" | "end";
  readonly orientation?: "horizontal" | "vertical";
  readonly defaultSize: number;
  readonly min: number;
  /** At most this part of the container; 0.6 unless told otherwise. */
  readonly maxFraction?: number;
  /** The sized pane is folded away. */
  readonly folded?: boolean;
}

const STEP = 16;

/** Two panes and a divider: drag, arrow keys, Home and End, double click for the default size. */
export function SplitPane({
  id,
  label,
  start,
  end,
  sized,
  orientation = "horizontal",
  defaultSize,
  min,
  maxFraction = 0.6,
  folded = false,
}: SplitPaneProps) {
  const [size, setSize] = usePreference(`split.${id}`, defaultSize);
  const container = useRef<HTMLDivElement>(null);
  const grabbed = useRef<{ at: number; size: number } | null>(null);
  const horizontal = orientation === "horizontal";

  const resize = useCallback(
    (wanted: number) => {
      const box = container.current?.getBoundingClientRect();
      const whole = (horizontal ? box?.width : box?.height) ?? 0;
      const max = whole > 0 ? Math.max(min, Math.floor(whole * maxFraction)) : Number.POSITIVE_INFINITY;
      setSize(Math.round(Math.min(max, Math.max(min, wanted))));
    },
    [horizontal, maxFraction, min, setSize],
  );

  const position = (event: PointerEvent) => (horizontal ? event.clientX : event.clientY);
  const towardsLarger = sized === "start" ? 1 : -1;

  const onKeyDown = (event: KeyboardEvent) => {
    const [less, more] = horizontal ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    const step = event.shiftKey ? STEP * 4 : STEP;
    if (event.key === less) resize(size - step * towardsLarger);
    else if (event.key === more) resize(size + step * towardsLarger);
    else if (event.key === "Home") resize(min);
    else if (event.key === "End") resize(Number.MAX_SAFE_INTEGER);
    else if (event.key === "Enter") resize(defaultSize);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const sizedStyle = {
    flexBasis: size,
    [horizontal ? "maxWidth" : "maxHeight"]: `${maxFraction * 100}%`,
    [horizontal ? "minWidth" : "minHeight"]: `min(${min}px, ${maxFraction * 100}%)`,
  };
  const pane = (side: "start" | "end", content: ReactNode) => (
    <div
      className={cx(styles.pane, side === sized ? styles.sized : styles.rest)}
      style={side === sized ? sizedStyle : undefined}
      hidden={folded && side === sized}
    >
      {content}
    </div>
  );

  return (
    <div ref={container} className={cx(styles.split, !horizontal && styles.vertical)}>
      {pane("start", start)}
      {!folded && (
        // A window splitter: a separator that can be focused and has a value.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
        <div
          role="separator"
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          aria-label={label}
          aria-orientation={horizontal ? "vertical" : "horizontal"}
          aria-valuenow={size}
          aria-valuemin={min}
          className={styles.divider}
          onKeyDown={onKeyDown}
          onDoubleClick={() => resize(defaultSize)}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            grabbed.current = { at: position(event), size };
            event.preventDefault();
            event.currentTarget.focus();
          }}
          onPointerMove={(event) => {
            if (grabbed.current) resize(grabbed.current.size + (position(event) - grabbed.current.at) * towardsLarger);
          }}
          onPointerUp={() => (grabbed.current = null)}
          onLostPointerCapture={() => (grabbed.current = null)}
        />
      )}
      {pane("end", end)}
    </div>
  );
}
