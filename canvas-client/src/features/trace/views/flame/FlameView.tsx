import { Maximize2, ZoomIn, ZoomOut } from "lucide-react";
import { useMemo } from "react";

import { IconButton, Segmented, Skeleton, EmptyState, formatDuration, plural, usePreference } from "@/ui";

import { lengthOf, zoomAround } from "../../model/timeScale";
import { useSpans, useTimeWindow, useTrace, useTraceActions } from "../../store";
import { useCalm } from "../useCalm";
import view from "../View.module.css";
import { FlameAxis } from "./FlameAxis";
import { FlameChart } from "./FlameChart";
import { SpanStatsTable } from "./SpanStatsTable";

const WAYS = [
  { id: "flame", label: "Flame" },
  { id: "table", label: "By name" },
] as const;

/** Where the time went: each span as a bar below the one that contains it, or the sums by name. */
export default function FlameView() {
  const [way, setWay] = usePreference<"flame" | "table">("trace.flame", "flame");
  const spans = useSpans();
  const calm = useCalm(spans);
  const { window, bounds } = useTimeWindow();
  const { setZoom } = useTraceActions();
  const isZoomed = useTrace((state) => state.zoom !== null);
  const rowsNote = useMemo(() => (calm.version >= 0 ? plural(calm.tree.size, "span") : ""), [calm]);
  if (spans.tree.size === 0) return <Nothing />;
  const zoomBy = (factor: number) => {
    const middle = (window.startMs + window.endMs) / 2;
    setZoom(zoomAround(window, middle, factor, bounds));
  };
  return (
    <section aria-label="Flame graph" className={view.view}>
      <div className={view.bar}>
        <Segmented label="Show as" items={WAYS} value={way} onChange={setWay} />
        <span className={view.note}>
          {rowsNote}
          {way === "flame" &&
            isZoomed &&
            `, ${formatDuration(lengthOf(window))} of ${formatDuration(lengthOf(bounds))}`}
        </span>
        {way === "flame" && (
          <div className={view.end}>
            <IconButton label="Zoom in" icon={ZoomIn} keys="+" onClick={() => zoomBy(0.5)} />
            <IconButton label="Zoom out" icon={ZoomOut} keys="-" disabled={!isZoomed} onClick={() => zoomBy(2)} />
            <IconButton
              label="Show the whole trace"
              icon={Maximize2}
              keys="0"
              disabled={!isZoomed}
              onClick={() => setZoom(null)}
            />
          </div>
        )}
      </div>
      {way === "flame" ? (
        <>
          <FlameAxis window={window} zeroMs={bounds.startMs} />
          <FlameChart tree={calm.tree} version={calm.version} window={window} bounds={bounds} onZoomBy={zoomBy} />
        </>
      ) : (
        <SpanStatsTable tree={calm.tree} version={calm.version} />
      )}
    </section>
  );
}

function Nothing() {
  const loading = useTrace((state) => state.load.phase === "loading");
  return loading ? <Skeleton label="Loading the spans" /> : <EmptyState title="The trace has no spans yet" />;
}
