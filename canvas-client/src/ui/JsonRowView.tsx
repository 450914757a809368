import { ChevronRight } from "lucide-react";

import { CopyButton } from "./CopyButton";
import { cx } from "./cx";
import { formatBytes, plural } from "./format";
import { jsonText, previewJson } from "./jsonRows";
import type { JsonRow, Name } from "./jsonRows";
import styles from "./JsonView.module.css";
import { MarkedText } from "./MarkedText";

const INDENT = 14;
const EDGE = 12;

interface JsonRowViewProps {
  readonly row: JsonRow;
  readonly index: number;
  readonly isActive: boolean;
  readonly onToggle: (row: JsonRow) => void;
  readonly onFocus: (path: string) => void;
  /** Where a list that shows only the rows in view puts it. */
  readonly place?: { readonly top: number; readonly measure: (element: HTMLElement | null) => void };
}

/** One row of a JSON tree. */
export function JsonRowView({ row, index, isActive, onToggle, onFocus, place }: JsonRowViewProps) {
  const canFold = row.kind === "branch" || row.kind === "string";
  const canToggle = canFold || row.kind === "more";
  return (
    // The tree handles its keys.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      ref={place?.measure}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.setSize}
      aria-expanded={canFold ? row.open : undefined}
      aria-selected={isActive}
      tabIndex={isActive ? 0 : -1}
      data-row={index}
      data-index={index}
      className={cx(
        styles.row,
        place && styles.placed,
        canToggle && styles.foldable,
        canFold && row.open && styles.open,
        row.kind === "line" && styles.line,
      )}
      style={{
        paddingLeft: EDGE + row.depth * INDENT,
        ...(place && { transform: `translateY(${place.top}px)` }),
      }}
      onClick={() => {
        // Who selects text does not want to fold it.
        if (canToggle && !getSelection()?.toString()) onToggle(row);
      }}
      onFocus={() => onFocus(row.path)}
    >
      <span aria-hidden className={styles.toggle}>
        {canFold && <ChevronRight size={12} />}
      </span>
      <Content row={row} />
      {"value" in row && (
        <CopyButton
          small
          tabIndex={-1}
          className={styles.copy ?? ""}
          label={`Copy ${row.name ?? "the value"}`}
          text={() => jsonText(row.value)}
        />
      )}
    </div>
  );
}

function Content({ row }: { readonly row: JsonRow }) {
  switch (row.kind) {
    case "branch": {
      const count = plural(row.size, Array.isArray(row.value) ? "item" : "key");
      return (
        <>
          <Label name={row.name} />
          <span className={cx(styles.value, styles.oneLine, styles.faint)}>
            {row.open ? "" : previewJson(row.value)}
          </span>
          <span className={styles.count}>{count}</span>
        </>
      );
    }
    case "string":
      return (
        <>
          <Label name={row.name} />
          <span className={cx(styles.value, styles.oneLine, styles.string)}>
            {row.open ? "" : `"${row.value.slice(0, 200)}`}
          </span>
          {row.value.length > 2_000 && <span className={styles.count}>{formatBytes(row.value.length)}</span>}
        </>
      );
    case "leaf":
      return (
        <>
          <Label name={row.name} />
          <Value value={row.value} />
        </>
      );
    case "line":
      return (
        <span className={cx(styles.value, styles.textLine)}>
          <MarkedText>{row.lines.at(row.line)}</MarkedText>
        </span>
      );
    case "more":
      return (
        <span className={styles.more}>
          Show all: {plural(row.hidden, row.what === "items" ? "more item" : "more line")}
        </span>
      );
  }
}

function Label({ name }: { readonly name: Name }) {
  if (name === null) return null;
  return (
    <span className={styles.name}>
      <span className={typeof name === "number" ? styles.index : undefined}>{name === "" ? '""' : name}</span>
      <span className={styles.colon}>:</span>
    </span>
  );
}

function Value({ value }: { readonly value: unknown }) {
  if (typeof value === "string") {
    return (
      <span className={cx(styles.value, styles.string)}>
        <MarkedText>{JSON.stringify(value)}</MarkedText>
      </span>
    );
  }
  if (typeof value === "number") return <span className={cx(styles.value, styles.number)}>{value}</span>;
  if (typeof value === "object" && value !== null) {
    return <span className={cx(styles.value, styles.faint)}>{Array.isArray(value) ? "[] empty" : "{} empty"}</span>;
  }
  return <span className={cx(styles.value, styles.literal)}>{String(value)}</span>;
}
