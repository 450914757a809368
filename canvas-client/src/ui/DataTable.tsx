import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import type { CSSProperties, ReactNode } from "react";

import { cx } from "./cx";
import styles from "./DataTable.module.css";
import { rowsAround, useRovingRows } from "./rovingRows";

export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  /** Pixels; `grow` takes a share of what is left over. */
  readonly width: number;
  readonly grow?: number;
  readonly align?: "start" | "end";
  readonly cell: (row: Row, index: number) => ReactNode;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string | number;
  /** Rows can be chosen then; the first cell is the button. */
  readonly onSelect?: (row: Row) => void;
  readonly isSelected?: (row: Row) => boolean;
}

const ROW = 28;
/** Fewer rows are simply in the page, where the browser's own search finds them. */
const VIRTUAL_OVER = 200;

/** A table of any length that fills and scrolls its container; its head stays in view. */
export function DataTable<Row>({ label, columns, rows, keyOf, onSelect, isSelected }: DataTableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const isVirtual = rows.length > VIRTUAL_OVER;
  const roving = useRovingRows(scroller, rows.length, isVirtual ? (row) => virtualizer.scrollToIndex(row) : null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are drawn here and handed to nobody
  const virtualizer = useVirtualizer({
    count: rows.length,
    enabled: isVirtual,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    scrollMargin: ROW,
    overscan: 12,
    rangeExtractor: (range) => rowsAround(range, roving.active),
  });
  const minWidth = columns.reduce((sum, { width }) => sum + width, 0);

  const drawn = (row: Row, index: number, style?: CSSProperties) => (
    // The button in its first cell is for the keyboard.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      key={keyOf(row, index)}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected?.(row)}
      className={cx(styles.row, style && styles.placed)}
      style={style}
      onClick={onSelect && (() => onSelect(row))}
    >
      {columns.map((column, place) => {
        const content = column.cell(row, index);
        return (
          <div
            key={column.id}
            role="cell"
            className={cx(styles.cell, column.align === "end" && styles.end)}
            style={sized(column)}
            title={typeof content === "string" ? content : undefined}
          >
            {onSelect && place === 0 ? (
              <button
                type="button"
                data-roving={index}
                tabIndex={index === roving.active ? 0 : -1}
                className={styles.rowButton}
                onFocus={() => roving.setActive(index)}
                onClick={(event) => {
                  event.stopPropagation();
                  onSelect(row);
                }}
              >
                {content}
              </button>
            ) : (
              content
            )}
          </div>
        );
      })}
    </div>
  );

  return (
    // Scrolled by the keyboard, so it takes the focus unless its rows do, between which the keys move.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={scroller}
      role="table"

      tabIndex={onSelect ? undefined : 0}
      aria-label={label}
      aria-rowcount={rows.length + 1}
      className={styles.table}
      onKeyDown={roving.onKeyDown}
    >
      <div role="rowgroup" className={styles.head} style={{ minWidth }}>
        <div role="row" aria-rowindex={1} className={styles.row}>
          {columns.map((column) => (
            <div
              key={column.id}
              role="columnheader"
              className={cx(styles.cell, column.align === "end" && styles.end)}
              style={sized(column)}
              title={column.label}
            >
              {column.label}
            </div>
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        className={cx(styles.content, styles.body, onSelect && styles.selectable)}
        style={{ minWidth, ...(isVirtual && { height: virtualizer.getTotalSize() }) }}
      >
        {isVirtual
          ? virtualizer.getVirtualItems().map(({ index, start }) => {
              const row = rows[index];
              return row === undefined ? null : drawn(row, index, { transform: `translateY(${start - ROW}px)` });
            })
          : rows.map((row, index) => drawn(row, index))}
      </div>
    </div>
  );
}

function sized<Row>({ width, grow = 0 }: Column<Row>): CSSProperties {
  return { width, flexGrow: grow };
}
