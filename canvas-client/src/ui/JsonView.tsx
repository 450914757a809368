import { useVirtualizer } from "@tanstack/react-virtual";
import type { VirtualItem } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";

import { copyText } from "./clipboard";
import { cx } from "./cx";
import { JsonRowView } from "./JsonRowView";
import { depthWithin, flattenJson, jsonText } from "./jsonRows";
import type { JsonFolding, JsonRow } from "./jsonRows";
import { matchesKeys } from "./keys";
import { rowsAround } from "./rovingRows";
import { textLines } from "./textLines";
import type { TextLines } from "./textLines";
import styles from "./JsonView.module.css";

/** Fewer rows are simply in the page, where the browser's own search finds them. */
const VIRTUAL_OVER = 200;

interface JsonViewProps {
  readonly value: unknown;
  readonly label: string;
  /** Filling and scrolling its container; otherwise as high as it is, up to a limit. */
  readonly fill?: boolean;
  /** As many rows are unfolded unasked. */
  readonly rows?: number;
}

/** A JSON value of any size as a tree: arrows move and fold, Ctrl+C copies the value of the row. */
export function JsonView({ value, label, fill = false, rows: openRows = 60 }: JsonViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [folding, setFolding] = useState<JsonFolding>(() => ({
    openDepth: depthWithin(value, openRows),
    overrides: new Map(),
    whole: new Set(),
  }));
  const [activePath, setActivePath] = useState<string | null>(null);
  const linesOf = useMemo(rememberedLines, []);
  const rows = useMemo(() => flattenJson(value, folding, linesOf), [value, folding, linesOf]);
  const active = Math.max(
    0,
    rows.findIndex(({ path }) => path === activePath),
  );
  const isVirtual = rows.length > VIRTUAL_OVER;
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are drawn here and handed to nobody
  const virtualizer = useVirtualizer({
    count: rows.length,
    enabled: isVirtual,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => rows[index]?.path ?? index,
    estimateSize: () => 22,
    overscan: 20,
    rangeExtractor: (range) => rowsAround(range, active),
  });

  const focusRow = (index: number) => {
    const row = rows[index];
    if (!row) return;
    setActivePath(row.path);
    if (isVirtual) virtualizer.scrollToIndex(index);
    const focus = () => {
      const element = scroller.current?.querySelector<HTMLElement>(`[data-row="${index}"]`);
      element?.focus({ preventScroll: isVirtual });
      return element !== null;
    };
    // A row that was out of view comes into the page only now.
    if (!focus()) requestAnimationFrame(focus);
  };

  const toggle = (row: JsonRow) => {
    setActivePath(row.path);
    if (row.kind === "more") setFolding((old) => ({ ...old, whole: new Set(old.whole).add(row.of) }));
    if (row.kind !== "branch" && row.kind !== "string") return;
    setFolding((old) => ({ ...old, overrides: new Map(old.overrides).set(row.path, !row.open) }));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[active];
    if (!row || (event.target as HTMLElement).dataset.row === undefined) return;
    if (matchesKeys(event.nativeEvent, "mod+c")) {
      if (getSelection()?.toString() || !("value" in row)) return;
      void copyText(jsonText(row.value));
    } else if (!moveOrFold(event.key, row)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  const moveOrFold = (key: string, row: JsonRow): boolean => {
    const open = "open" in row ? row.open : null;
    if (key === "ArrowDown") focusRow(active + 1);
    else if (key === "ArrowUp") focusRow(active - 1);
    else if (key === "Home") focusRow(0);
    else if (key === "End") focusRow(rows.length - 1);
    else if (key === "Enter" || key === " ") toggle(row);
    else if (key === "ArrowRight") {
      if (open === false) toggle(row);
      else if (open === true) focusRow(active + 1);
    } else if (key === "ArrowLeft") {
      if (open === true) toggle(row);
      else focusRow(rows.findLastIndex((above, at) => at < active && above.depth < row.depth));
    } else return false;
    return true;
  };

  const drawn = (row: JsonRow, index: number, item?: VirtualItem) => (
    <JsonRowView
      key={row.path}
      row={row}
      index={index}
      isActive={index === active}
      onToggle={toggle}
      onFocus={setActivePath}
      {...(item && { place: { top: item.start, measure: virtualizer.measureElement } })}
    />
  );

  return (
    // The rows are focused, not the tree.
    // eslint-disable-next-line jsx-a11y/interactive-supports-focus
    <div
      ref={scroller}
      role="tree"
      aria-label={label}
      className={cx(styles.view, fill ? styles.fill : isVirtual && styles.window)}
      onKeyDown={onKeyDown}
    >
      {isVirtual ? (
        <div role="none" className={styles.canvas} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return row && drawn(row, item.index, item);
          })}
        </div>
      ) : (
        rows.map((row, index) => drawn(row, index))
      )}
    </div>
  );
}

/** A text is cut into lines once, not whenever something else is folded. */
function rememberedLines(): (path: string, text: string) => TextLines {
  const known = new Map<string, { readonly text: string; readonly lines: TextLines }>();
  return (path, text) => {
    const before = known.get(path);
    if (before?.text === text) return before.lines;
    const lines = textLines(text);
    known.set(path, { text, lines });
    return lines;
  };
}
