import { CircleX, Flag, Play, Square } from "lucide-react";
import type { LucideIcon } from "lucide-react";

import { CategoryIcon, categoryOfSpan, cx, formatDuration } from "@/ui";

import type { SpanTree } from "../../model/spanTree";
import styles from "./EventsView.module.css";
import { logText } from "./log";
import type { LogEntry, LogKind } from "./log";

const ICONS: Readonly<Record<LogKind, LucideIcon>> = { start: Play, end: Square, error: CircleX, event: Flag };

interface LogRowProps {
  readonly tree: SpanTree;
  readonly entry: LogEntry;
  readonly top: number;
  readonly index: number;
  readonly count: number;
  readonly isSelected: boolean;
  readonly isTabStop: boolean;
  readonly onFocus: () => void;
  readonly onSelect: (spanId: string) => void;
}

export function LogRow({ tree, entry, top, index, count, isSelected, isTabStop, onFocus, onSelect }: LogRowProps) {
  const span = tree.get(entry.span);
  const Icon = ICONS[entry.kind];
  const isTelling = entry.kind === "event" || entry.kind === "error";
  const text = entry.kind === "end" ? `ended after ${formatDuration(span.durationMs)}` : logText(tree, entry);
  return (
    <div role="listitem" aria-posinset={index + 1} aria-setsize={count}>
      <button
        type="button"
        aria-pressed={isSelected}
        data-roving={index}
        tabIndex={isTabStop ? 0 : -1}
        onFocus={onFocus}
        className={cx(styles.row, isSelected && styles.selected, isTelling && styles.telling)}
        style={{ transform: `translateY(${top}px)` }}
        onClick={() => onSelect(span.spanId)}
      >
        <span className={styles.time}>+{formatDuration(entry.timeMs - tree.minStartMs)}</span>
        <Icon
          aria-hidden
          size={entry.kind === "start" || entry.kind === "end" ? 10 : 13}
          className={styles[entry.kind]}
        />
        <span className={styles.name}>
          <CategoryIcon category={categoryOfSpan(span.category, span.nodeType)} />
          <span className={styles.label}>{span.displayName}</span>
        </span>
        <span className={cx(styles.text, isTelling && styles[entry.kind])} title={isTelling ? text : undefined}>
          {text}
        </span>
      </button>
    </div>
  );
}
