import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";

import { formatDuration, formatTokens, plural } from "@/ui";

import { measure } from "../model/measure";
import { lengthOf, windowBetween, type TimeWindow } from "../model/timeScale";
import { nowOf, useTrace, useTraceActions, useTraceStore } from "../store";
import { timeOfX, xOf, type Scale } from "./barGeometry";
import { Ruler } from "./Ruler";
import styles from "./TimeAxis.module.css";

interface TimeAxisProps {
  readonly scale: Scale;
  readonly bounds: TimeWindow;
  readonly zeroMs: number;
}

/** From where it was begun to where it is now, in either order. */
interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A shorter drag is a click. */
const SHORTEST_DRAG_PX = 4;
const STEPS = 50;
/** Room that the label needs inside of the range. */
const LABEL_PX = 170;

/** The axis of times: a drag, or the arrow keys, measure a range; release, or Enter, zooms to it. */
export function TimeAxis({ scale, bounds, zeroMs }: TimeAxisProps) {
  const { window } = scale;
  const timeMode = useTrace((state) => state.timeMode);
  const originMs = useTrace((state) => state.originMs ?? 0);
  const { setZoom } = useTraceActions();
  const [range, setRange] = useState<Range | null>(null);
  const dragging = useRef(false);

  const timeOf = (event: PointerEvent<HTMLElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    return timeOfX(scale, Math.min(Math.max(x, 0), scale.width));
  };
  const finish = (zoomTo: Range | null) => {
    dragging.current = false;
    setRange(null);
    if (zoomTo !== null) setZoom(windowBetween(zoomTo.fromMs, zoomTo.toMs, bounds));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const { key, shiftKey } = event;
    const direction = key === "ArrowLeft" || key === "PageDown" ? -1 : 1;
    if (/^Arrow(Left|Right)$|^Page(Up|Down)$/.test(key)) {
      const { fromMs, toMs } = range ?? { fromMs: window.startMs, toMs: window.startMs };
      const step = (lengthOf(window) / STEPS) * direction * (key.startsWith("Page") ? 10 : 1);
      const moved = (timeMs: number) => Math.min(Math.max(timeMs + step, window.startMs), window.endMs);
      setRange(shiftKey ? { fromMs: moved(fromMs), toMs } : { fromMs, toMs: moved(toMs) });
    } else if (key === "Enter" && range !== null) finish(range.fromMs === range.toMs ? null : range);
    else if (key === "Escape" && range !== null) finish(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const text = useRangeText(range);
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label="Range of time to zoom to"
      aria-valuemin={0}
      aria-valuemax={lengthOf(window)}
      aria-valuenow={(range?.toMs ?? window.startMs) - window.startMs}
      aria-valuetext={text ?? "No range: the arrow keys set its end, with Shift its beginning"}
      className={styles.axis}
      onKeyDown={onKeyDown}
      onBlur={() => finish(null)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        dragging.current = true;
        setRange({ fromMs: timeOf(event), toMs: timeOf(event) });
      }}
      onPointerMove={(event) => {
        if (dragging.current && range !== null) setRange({ ...range, toMs: timeOf(event) });
      }}
      onPointerUp={() => {
        if (!dragging.current || range === null) return;
        const width = Math.abs(xOf(scale, range.toMs) - xOf(scale, range.fromMs));
        finish(width > SHORTEST_DRAG_PX ? range : null);
      }}
      onPointerCancel={() => finish(null)}
      onDoubleClick={() => setZoom(null)}
    >
      <Ruler scale={scale} zeroMs={zeroMs} timeMode={timeMode} originMs={originMs} />
      {range !== null && <Band scale={scale} range={range} text={text ?? ""} />}
    </div>
  );
}

/** For example `1.84 s, 6 spans, 3,102 tokens`; null without a range. */
function useRangeText(range: Range | null): string | null {
  const store = useTraceStore();
  const version = useTrace((state) => state.version);
  return useMemo(() => {
    if (range === null || version < 0) return null;
    const [startMs, endMs] = [Math.min(range.fromMs, range.toMs), Math.max(range.fromMs, range.toMs)];
    const state = store.getState();
    const { spans, tokens } = measure(state.tree, { startMs, endMs }, nowOf(state));
    return [formatDuration(endMs - startMs), plural(spans, "span"), tokens > 0 && `${formatTokens(tokens)} tokens`]
      .filter(Boolean)
      .join(", ");
  }, [store, version, range]);
}

function Band({ scale, range, text }: { readonly scale: Scale; readonly range: Range; readonly text: string }) {
  const [left, right] = [xOf(scale, range.fromMs), xOf(scale, range.toMs)].sort((a, b) => a - b) as [number, number];
  const inside = right - left >= LABEL_PX;
  const fitsBehind = right + LABEL_PX <= scale.width;
  const place = inside
    ? { left: (left + right) / 2, transform: "translateX(-50%)" }
    : fitsBehind
      ? { left: right + 4 }
      : { left: Math.max(0, left - 4), transform: left > LABEL_PX ? "translateX(-100%)" : undefined };
  return (
    <span aria-hidden>
      <span className={styles.band} style={{ left, width: Math.max(1, right - left) }} />
      <span className={styles.label} style={place}>
        {text}
      </span>
    </span>
  );
}
