import { useEffect, useMemo, useRef, useState } from "react";
import { useShallow } from "zustand/react/shallow";

import { useTimeWindow, useTrace } from "../store";
import { rowsOf } from "../store/rows";
import { Crosshair } from "../Waterfall/Crosshair";
import { Minimap } from "../Waterfall/Minimap";
import { TimelineGround } from "../Waterfall/TimelineGround";
import type { Scale } from "../Waterfall/barGeometry";
import { useNowTicker } from "../Waterfall/useNowTicker";
import { useZoomGestures } from "../Waterfall/useZoomGestures";
import { styleWithVariables } from "../hooks/styleWithVariables";
import { useElementSize } from "../hooks/useElementSize";
import { NewSpansPill } from "./NewSpansPill";
import styles from "./SpanTree.module.css";
import { TreeHeader } from "./TreeHeader";
import { TreeRows } from "./TreeRows";
import { useCurrentRow } from "./useCurrentRow";
import { useFollowNewest } from "./useFollowNewest";
import { useGridGeometry } from "./useGridGeometry";
import { useRowWindow } from "./useRowWindow";
import { useTreeKeyboard } from "./useTreeKeyboard";
import { useTreePointer } from "./useTreePointer";

/** The spans as a treegrid with their time line: tree and waterfall share one list of rows. */
export function SpanTree() {
  const panel = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const size = useElementSize(scroller);
  const rows = useTrace(rowsOf);
  const { window, bounds } = useTimeWindow();
  const { hasTokens, hasCost, zeroMs } = useTrace(
    useShallow(({ execution, tree, version }) => ({
      hasTokens: (execution?.tokenUsage.total ?? 0) > 0,
      hasCost: (execution?.tokenUsage.costUsd ?? 0) > 0,
      // `version` tells of a tree that grew in place.
      zeroMs: version >= 0 && tree.size > 0 ? tree.minStartMs : 0,
    })),
  );
  const { geometry, setNameWidth } = useGridGeometry(size.width, hasTokens, hasCost);
  const scale = useMemo<Scale>(() => ({ window, width: geometry.timelineWidth }), [window, geometry.timelineWidth]);
  const shown = useRowWindow(scroller, rows.length, geometry.rowHeight, size.height);
  const current = useCurrentRow(scroller, rows, geometry.rowHeight);
  const onKeyDown = useTreeKeyboard(scroller, rows, current, geometry.rowHeight);
  const pointer = useTreePointer(rows);
  useNowTicker(panel, scale);
  useZoomGestures(panel, scale, bounds, geometry.nameWidth);
  useFollowNewest(scroller, rows, geometry.rowHeight);

  // Where the scroll bar takes room, the header has to leave it as well.
  const [gutter, setGutter] = useState(0);
  useEffect(() => {
    const box = scroller.current;
    if (box !== null) setGutter(box.offsetWidth - box.clientWidth);
  }, [size.width]);

  return (
    <div
      ref={panel}
      className={styles.panel}
      style={styleWithVariables({
        "--columns": geometry.template,
        "--name-width": `${geometry.nameWidth}px`,
        "--timeline-width": `${geometry.timelineWidth}px`,
        "--gutter": `${gutter}px`,
      })}
    >
      <Minimap shown={shown} rowCount={rows.length} />
      <div
        role="treegrid"
        tabIndex={-1}
        aria-label="Spans"
        aria-rowcount={rows.length + 1}
        aria-colcount={4}
        className={styles.grid}
        onKeyDown={onKeyDown}
        onFocus={current.onFocus}
        onBlur={current.onBlur}
        {...pointer}
      >
        <TreeHeader
          geometry={geometry}
          setNameWidth={setNameWidth}
          scale={scale}
          bounds={bounds}
          zeroMs={zeroMs}
          rows={rows}
        />
        {!geometry.narrow && <TimelineGround scale={scale} zeroMs={zeroMs} />}
        <div ref={scroller} role="rowgroup" className={styles.scroller}>
          <div role="presentation" className={styles.sizer} style={{ height: rows.length * geometry.rowHeight }}>
            <TreeRows
              rows={rows}
              shown={shown}
              currentRow={current.row}
              geometry={geometry}
              scale={scale}
              zeroMs={zeroMs}
            />
          </div>
        </div>
        {!geometry.narrow && <Crosshair panel={panel} scale={scale} zeroMs={zeroMs} nameWidth={geometry.nameWidth} />}
      </div>
      <NewSpansPill />
    </div>
  );
}
