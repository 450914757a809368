import { useEffect, useRef, useState, type PointerEvent, type RefObject } from "react";

import { categoryColor, categoryOfSpan, cx } from "@/ui";

import { minimapRuns } from "../model/minimap";
import { SPAN_CATEGORIES } from "../model/span";
import { fractionOf, pan, timeAt, windowBetween, type TimeWindow } from "../model/timeScale";
import { nowOf, useTimeWindow, useTrace, useTraceActions, useTraceStore } from "../store";
import { orderOf } from "../store/rows";
import { useDocumentTheme } from "../hooks/useDocumentTheme";
import { useElementSize } from "../hooks/useElementSize";
import styles from "./Minimap.module.css";

interface MinimapProps {
  readonly shown: { readonly first: number; readonly last: number };
  readonly rowCount: number;
}

const LANE_PX = 2;
/** While spans come in, the picture may lag behind. */
const REDRAW_MS = 250;

/** The whole trace in a strip, which is also the brush to zoom with. */
export function Minimap({ shown, rowCount }: MinimapProps) {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useElementSize(box);
  const { window, bounds } = useTimeWindow();
  const zoomed = useTrace((state) => state.zoom !== null);
  const percent = (fraction: number) => `${Math.min(100, Math.max(0, fraction * 100))}%`;
  const from = fractionOf(bounds, window.startMs);
  const to = fractionOf(bounds, window.endMs);
  const brush = useBrush(box, window, bounds);
  return (
    <div ref={box} className={styles.minimap} aria-hidden {...brush.handlers}>
      <Picture width={width} height={height} bounds={bounds} />
      {zoomed && (
        <>
          <span className={styles.outside} style={{ left: 0, width: percent(from) }} />
          <span className={styles.outside} style={{ left: percent(to), right: 0 }} />
          <span className={cx(styles.handle, styles.startHandle)} data-edge="start" style={{ left: percent(from) }} />
          <span className={cx(styles.handle, styles.endHandle)} data-edge="end" style={{ left: percent(to) }} />
        </>
      )}
      {brush.drawn !== null && (
        <span
          className={styles.drawn}
          style={{ left: percent(Math.min(...brush.drawn)), width: percent(Math.abs(brush.drawn[1] - brush.drawn[0])) }}
        />
      )}
      {rowCount > shown.last - shown.first && (
        <span
          className={styles.rows}
          style={{
            top: percent(shown.first / rowCount),
            height: `max(3px, ${percent((shown.last - shown.first) / rowCount)})`,
          }}
        />
      )}
    </div>
  );
}

interface Grab {
  readonly kind: "draw" | "pan" | "start" | "end";
  readonly at: number;
  readonly window: TimeWindow;
}

/** Drag on the strip draws a window, its edges resize it, Shift moves it, a double click shows all. */
function useBrush(box: RefObject<HTMLElement | null>, window: TimeWindow, bounds: TimeWindow) {
  const { setZoom } = useTraceActions();
  const grab = useRef<Grab | null>(null);
  const [drawn, setDrawn] = useState<readonly [number, number] | null>(null);
  const fractionAt = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect();
    if (rect === undefined || rect.width === 0) return 0;
    return Math.min(1, Math.max(0, (event.clientX - rect.left) / rect.width));
  };
  return {
    drawn,
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const edge = event.target instanceof HTMLElement ? event.target.dataset.edge : undefined;
        const kind = edge === "start" || edge === "end" ? edge : event.shiftKey ? "pan" : "draw";
        grab.current = { kind, at: fractionAt(event), window };
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        const held = grab.current;
        if (held === null) return;
        const here = fractionAt(event);
        if (held.kind === "draw") setDrawn([held.at, here]);
        else if (held.kind === "pan")
          setZoom(pan(held.window, (here - held.at) * (bounds.endMs - bounds.startMs), bounds));
        else
          setZoom(
            windowBetween(
              held.kind === "start" ? held.window.endMs : held.window.startMs,
              timeAt(bounds, here),
              bounds,
            ),
          );
      },
      onPointerUp: (event: PointerEvent<HTMLElement>) => {
        const held = grab.current;
        grab.current = null;
        setDrawn(null);
        if (held?.kind !== "draw" || Math.abs(fractionAt(event) - held.at) < 0.004) return;
        setZoom(windowBetween(timeAt(bounds, held.at), timeAt(bounds, fractionAt(event)), bounds));
      },
      onDoubleClick: () => setZoom(null),
    },
  };
}

/** The colours of the theme, in the order of the categories, and the failures' last. */
function readColours(element: Element): readonly string[] {
  const style = getComputedStyle(element);
  const read = (custom: string) => style.getPropertyValue(custom.replace(/^var\((.*)\)$/, "$1"));
  return [
    ...SPAN_CATEGORIES.map((category) => read(categoryColor(categoryOfSpan(category), "bar"))),
    read("--state-error-bar"),
  ];
}

function Picture({
  width,
  height,
  bounds,
}: {
  readonly width: number;
  readonly height: number;
  readonly bounds: TimeWindow;
}) {
  const store = useTraceStore();
  const version = useTrace((state) => state.version);
  const theme = useDocumentTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawnAt = useRef(-Infinity);

  useEffect(() => {
    const draw = () => {
      const pen = canvas.current?.getContext("2d");
      if (!canvas.current || !pen || width === 0) return;
      drawnAt.current = performance.now();
      const state = store.getState();
      const ratio = devicePixelRatio || 1;
      canvas.current.width = Math.round(width * ratio);
      canvas.current.height = Math.round(height * ratio);
      pen.scale(ratio, ratio);
      const colours = readColours(canvas.current);
      const lanes = Math.max(1, Math.floor((height - 8) / LANE_PX));
      const order = orderOf(state);
      const used = Math.min(lanes, Math.max(1, order.length));
      const pitch = (height - 8) / used;
      for (const { lane, from, to, colour } of minimapRuns(
        state.tree,
        order,
        bounds,
        Math.floor(width),
        used,
        nowOf(state),
      )) {
        pen.fillStyle = colours[colour < 0 ? colours.length - 1 : colour] ?? "";
        pen.fillRect(from, 4 + lane * pitch, to - from, Math.max(1, Math.min(4, pitch - (pitch > 3 ? 1 : 0))));
      }
    };
    const timer = setTimeout(draw, Math.max(0, drawnAt.current + REDRAW_MS - performance.now()));
    return () => clearTimeout(timer);
  }, [store, version, theme, width, height, bounds]);

  return <canvas ref={canvas} className={styles.picture} />;
}
