import { ArrowDown } from "lucide-react";
import { useRef, type KeyboardEvent } from "react";

import { cx } from "@/ui";

import type { RowList, SortKey } from "../model/flattenRows";
import type { TimeWindow } from "../model/timeScale";
import { useTrace, useTraceActions } from "../store";
import { TimeAxis } from "../Waterfall/TimeAxis";
import type { Scale } from "../Waterfall/barGeometry";
import { useFitName } from "./useFitName";
import styles from "./TreeHeader.module.css";
import { NAME_MIN, type GridGeometry } from "./useGridGeometry";

interface TreeHeaderProps {
  readonly geometry: GridGeometry;
  readonly setNameWidth: (width: number | null) => void;
  readonly scale: Scale;
  readonly bounds: TimeWindow;
  readonly zeroMs: number;
  readonly rows: RowList;
}

/** The heads of the columns: what they are sorted by, the axis of times, and the grip between names and time line. */
export function TreeHeader({ geometry, setNameWidth, scale, bounds, zeroMs, rows }: TreeHeaderProps) {
  const sort = useTrace((state) => state.sort);

  return (
    <div role="rowgroup" className={cx(styles.header, geometry.narrow && "visually-hidden")}>
      <div role="row" aria-rowindex={1} className={styles.row}>
        <div role="columnheader" className={styles.name} aria-sort={sort === "start" ? "ascending" : "none"}>
          {sort === "start" ? "Name" : <span className={styles.flat}>Flat list, {SORT_WORDS[sort]} first</span>}
          <NameGrip geometry={geometry} setNameWidth={setNameWidth} rows={rows} />
        </div>
        <div role="columnheader" className={styles.cell}>
          <span className="visually-hidden">Time line</span>
          <TimeAxis scale={scale} bounds={bounds} zeroMs={zeroMs} />
        </div>
        <SortHeader column="duration" label="Duration" />
        {geometry.showTokens && <SortHeader column="tokens" label="Tokens" />}
        {geometry.showCost && <SortHeader column="cost" label="Cost" />}
      </div>
    </div>
  );
}

const SORT_WORDS = { duration: "longest", tokens: "most tokens", cost: "most costly" } as const;

function SortHeader({ column, label }: { readonly column: Exclude<SortKey, "start">; readonly label: string }) {
  const sorted = useTrace((state) => state.sort === column);
  const { change } = useTraceActions();
  return (
    <div role="columnheader" className={styles.number} aria-sort={sorted ? "descending" : "none"}>
      <button
        type="button"
        className={cx(styles.sort, sorted && styles.sorted)}
        title={sorted ? "Back to the tree, by start" : `A flat list, ${SORT_WORDS[column]} first`}
        onClick={() => change({ sort: sorted ? "start" : column })}
      >
        {sorted && <ArrowDown aria-hidden size={12} />}
        {label}
      </button>
    </div>
  );
}

function NameGrip({ geometry, setNameWidth, rows }: Pick<TreeHeaderProps, "geometry" | "setNameWidth" | "rows">) {
  const grabbed = useRef<{ readonly x: number; readonly width: number } | null>(null);
  const fit = useFitName(rows);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 64 : 16;
    if (event.key === "ArrowLeft") setNameWidth(geometry.nameWidth - step);
    else if (event.key === "ArrowRight") setNameWidth(geometry.nameWidth + step);
    else if (event.key === "Home") setNameWidth(NAME_MIN);
    else if (event.key === "Enter") setNameWidth(fit());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // A window splitter: a separator that can be focused and has a value.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="separator"
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-label="Width of the names"
      aria-orientation="vertical"
      aria-valuenow={geometry.nameWidth}
      aria-valuemin={NAME_MIN}
      className={styles.grip}
      onKeyDown={onKeyDown}
      onDoubleClick={() => setNameWidth(fit())}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        grabbed.current = { x: event.clientX, width: geometry.nameWidth };
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        if (grabbed.current !== null) setNameWidth(grabbed.current.width + event.clientX - grabbed.current.x);
      }}
      onPointerUp={() => (grabbed.current = null)}
      onLostPointerCapture={() => (grabbed.current = null)}
    />
  );
}
