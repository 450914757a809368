import { useEffect, useId, useMemo, useRef, useState } from "react";
import type { KeyboardEvent, PointerEvent } from "react";

import { CATEGORIES, STATUSES, categoryOfSpan, formatDuration, statusOfSpan } from "@/ui";

import { selfTimeMs } from "../../model/selfTime";
import { endMs } from "../../model/span";
import type { SpanTree } from "../../model/spanTree";
import { lengthOf, pan, timeAt, zoomAround } from "../../model/timeScale";
import type { TimeWindow } from "../../model/timeScale";
import { useNow, useTrace, useTraceActions } from "../../store";
import { useOpenSpan } from "../useOpenSpan";
import { useResolvedTheme } from "../useResolvedTheme";
import { useShown } from "../useShown";
import { layOutFlame, spanAt } from "./flameLayout";
import { flameNeighbour } from "./flameNeighbour";
import styles from "./FlameView.module.css";
import { ROW, paintFlame, readColors } from "./paintFlame";
import { FlameTip } from "./FlameTip";
import { useElementSize } from "./useElementSize";

interface FlameChartProps {
  readonly tree: SpanTree;
  readonly version: number;
  readonly window: TimeWindow;
  readonly bounds: TimeWindow;
  readonly onZoomBy: (factor: number) => void;
}

/** How far beside a narrow bar a pointer still means it. */
const SLACK_PX = 3;

/**
 * The bars, on a canvas. For the keyboard and for assistive technology it is a list box whose one option is the selected span:
 * arrows select its parent, its child and its neighbours in time.
 */
export function FlameChart({ tree, version, window, bounds, onZoomBy }: FlameChartProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const optionId = useId();
  const [scrollTop, setScrollTop] = useState(0);
  const [hover, setHover] = useState<{ span: number; x: number; y: number } | null>(null);
  const { width, height } = useElementSize(scroller);
  const theme = useResolvedTheme();
  const now = useNow();
  const selectedId = useTrace((state) => state.selectedId);
  const { selectSpan, setZoom } = useTraceActions();
  const openSpan = useOpenSpan();
  const shown = useShown();
  const layout = useMemo(() => ({ ...layOutFlame(tree), version }), [tree, version]);
  const selected = selectedId === null ? -1 : tree.indexOf(selectedId);

  useEffect(() => {
    const element = canvas.current;
    if (!element || width === 0) return;
    const context = element.getContext("2d");
    if (!context) return;
    const ratio = globalThis.devicePixelRatio;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    paintFlame(context, {
      tree,
      layout,
      window,
      nowMs: now,
      width,
      height,
      scrollTop,
      selected,
      hovered: hover?.span ?? -1,
      shown,
      colors: readColors(element),
    });
  }, [tree, layout, window, now, width, height, scrollTop, selected, hover, shown, theme]);

  useEffect(() => {
    const at = scroller.current;
    const row = layout.rows[selected];
    if (!at || row === undefined) return;
    if (row * ROW < at.scrollTop) at.scrollTop = row * ROW;
    else if ((row + 1) * ROW > at.scrollTop + at.clientHeight) at.scrollTop = (row + 1) * ROW - at.clientHeight;
  }, [layout, selected]);

  // React listens to the wheel passively, and a page that scrolls along is no zoom.
  useEffect(() => {
    const at = scroller.current;
    if (!at) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
      event.preventDefault();
      const box = at.getBoundingClientRect();
      const delta = event.deltaY || event.deltaX;
      if (event.shiftKey) setZoom(pan(window, (delta / box.width) * lengthOf(window), bounds));
      else {
        const time = timeAt(window, (event.clientX - box.left) / box.width);
        setZoom(zoomAround(window, time, Math.exp(delta * 0.002), bounds));
      }
    };
    at.addEventListener("wheel", onWheel, { passive: false });
    return () => at.removeEventListener("wheel", onWheel);
  }, [window, bounds, setZoom]);

  const find = (event: PointerEvent | React.MouseEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const slackMs = (SLACK_PX / Math.max(1, width)) * lengthOf(window);
    const time = timeAt(window, x / Math.max(1, width));
    return { span: spanAt(tree, layout, Math.floor((y + scrollTop) / ROW), time, now, slackMs), x, y };
  };

  const fit = (index: number) => {
    const span = tree.get(index);
    setZoom({ startMs: span.startMs, endMs: Math.max(endMs(span, now), span.startMs + 0.001) });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = flameNeighbour(tree, selected, event.key);
    if (next >= 0) selectSpan(tree.get(next).spanId);
    else if (event.key === "Enter" && selected >= 0) fit(selected);
    else if (event.key === "+" || event.key === "=") onZoomBy(0.5);
    else if (event.key === "-") onZoomBy(2);
    else if (event.key === "0") setZoom(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={scroller}
      role="listbox"
      tabIndex={0}
      aria-label="Spans along the time; arrows go to the parent, the first child and the neighbours"
      aria-activedescendant={selected < 0 ? undefined : optionId}
      className={styles.scroller}
      onScroll={({ currentTarget }) => setScrollTop(currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <canvas
        ref={canvas}
        aria-hidden
        className={styles.canvas}
        style={{ height }}
        onPointerMove={(event) => {
          const found = find(event);
          setHover(found.span < 0 ? null : found);
        }}
        onPointerLeave={() => setHover(null)}
        onClick={(event) => {
          const { span } = find(event);
          if (span >= 0) openSpan(tree.get(span).spanId);
        }}
        onDoubleClick={(event) => {
          const { span } = find(event);
          if (span >= 0) fit(span);
          else setZoom(null);
        }}
      />
      <div aria-hidden style={{ height: Math.max(0, (layout.rowCount + 1) * ROW - height) }} />
      <div id={optionId} role="option" aria-selected={selected >= 0} className="visually-hidden">
        {selected < 0 ? "No span is selected" : describe(tree, selected, now)}
      </div>
      {hover && <FlameTip tree={tree} span={hover.span} now={now} x={hover.x} y={hover.y + scrollTop} width={width} />}
    </div>
  );
}

/** A bar in words. */
function describe(tree: SpanTree, index: number, now: number): string {
  const span = tree.get(index);
  const siblings = tree.siblingsOf(index);
  return [
    span.displayName,
    CATEGORIES[categoryOfSpan(span.category, span.nodeType)].label,
    STATUSES[statusOfSpan(span.state, span.statusCode)].label,
    formatDuration(endMs(span, now) - span.startMs),
    `${formatDuration(selfTimeMs(tree, index, now))} of its own`,
    `starts at ${formatDuration(span.startMs - tree.minStartMs)}`,
    `level ${tree.depthOf(index) + 1}`,
    `${siblings.indexOf(index) + 1} of ${siblings.length}`,
  ].join(", ");
}
