import type { ReactNode } from "react";

import { cx } from "@/ui";

import { styleWithVariables } from "../hooks/styleWithVariables";
import styles from "./RowFrame.module.css";
import type { RowPlace } from "./rowProps";
import { indentOf, type GridGeometry } from "./useGridGeometry";

interface RowFrameProps extends RowPlace {
  readonly rowKey: string;
  readonly geometry: GridGeometry;
  readonly failed: boolean;
  readonly children: ReactNode;
}

/** A row of the treegrid with its place, indent and guides. */
export function RowFrame(props: RowFrameProps) {
  const { row, rowKey, level, position, setSize, expanded, selected, current, guide, passing, failed, geometry } =
    props;
  const indent = indentOf(level, geometry.nameWidth);
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={setSize}
      aria-expanded={expanded ?? undefined}
      aria-selected={selected}
      tabIndex={current ? 0 : -1}
      data-span-id={rowKey}
      data-row={row}
      className={cx(
        styles.row,
        selected && styles.selected,
        failed && styles.failed,
        passing && styles.passing,
        geometry.narrow && styles.narrow,
      )}
      style={styleWithVariables({
        top: row * geometry.rowHeight,
        height: geometry.rowHeight,
        "--indent": `${indent.width}px`,
        "--guide": guide === null ? undefined : `${indentOf(guide, geometry.nameWidth).width}px`,
      })}
    >
      {guide !== null && <span className={styles.guide} />}
      {indent.capped && (
        <span aria-hidden className={styles.depth}>
          {level}
        </span>
      )}
      {props.children}
    </div>
  );
}
