import { useVirtualizer } from "@tanstack/react-virtual";
import { CircleCheck, CircleX, Diamond, Play } from "lucide-react";
import { useEffect, useRef } from "react";
import { Link } from "react-router";

import { useWorkflowRoute, workflowPath } from "@/app";
import { CategoryIcon, categoryOfSpan, formatDuration, formatDurationExact } from "@/ui";

import styles from "./RunLog.module.css";
import type { LogEntry } from "./model/logEntries";

interface LogLinesProps {
  readonly lines: readonly LogEntry[];
  /** Whether the end stays in view when lines come. */
  readonly following: boolean;
  readonly onFollow: (following: boolean) => void;
}

const LINE_HEIGHT = 24;

/** As near to the end as counts as there. */
const AT_END_PX = LINE_HEIGHT * 2;

export function LogLines({ lines, following, onFollow }: LogLinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the lines are drawn here and handed to nobody
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => lines[index]?.key ?? index,
    estimateSize: () => LINE_HEIGHT,
    overscan: 12,
  });

  useEffect(() => {
    if (following && lines.length > 0) virtualizer.scrollToIndex(lines.length - 1, { align: "end" });
  }, [following, lines.length, virtualizer]);

  return (
    <div
      ref={scroller}
      // Scrolled by the keyboard, so it has to take the focus.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label="Lines of the log"
      className={styles.scroller}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) =>
        onFollow(scrollHeight - scrollTop - clientHeight <= AT_END_PX)
      }
    >
      <div className={styles.lines} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ key, index, start }) => {
          const line = lines[index];
          return line && <LogLine key={key} line={line} top={start} />;
        })}
      </div>
    </div>
  );
}

function LogLine({ line, top }: { readonly line: LogEntry; readonly top: number }) {
  const { kind, spanId, name, category, nodeType, offsetMs, isError, text, durationMs } = line;
  const { workflowId, executionId } = useWorkflowRoute();
  const query = new URLSearchParams({ execution: executionId ?? "", span: spanId }).toString();
  const Icon = isError ? CircleX : { start: Play, event: Diamond, end: CircleCheck }[kind];
  const what = { start: "started", event: "", end: isError ? "failed" : "ended" }[kind];
  return (
    <div
      className={styles.line}
      data-kind={kind}
      data-error={isError || undefined}
      style={{ transform: `translateY(${top}px)`, height: LINE_HEIGHT }}
    >
      <span className={styles.time} title={formatDurationExact(offsetMs)}>
        +{formatDuration(offsetMs)}
      </span>
      <Icon aria-hidden size={12} className={styles.icon} />
      <CategoryIcon category={categoryOfSpan(category, nodeType)} size={12} />
      <Link to={workflowPath(workflowId ?? "", "trace", `?${query}`)} className={styles.span}>
        {name}
      </Link>
      {what && (
        <span className={styles.what}>
          {what}
          {durationMs !== null && ` after ${formatDuration(durationMs)}`}
        </span>
      )}
      {text && (
        <span className={styles.text} title={text}>
          {text}
        </span>
      )}
    </div>
  );
}
