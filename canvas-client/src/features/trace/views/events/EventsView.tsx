import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine, Rows3 } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";

import { rowsAround, useRovingRows } from "@/ui/rovingRows";
import { Button, EmptyState, Skeleton, formatCount, plural } from "@/ui";

import { isRunning, useSpans, useTrace } from "../../store";
import { useCalm } from "../useCalm";
import { useOpenSpan } from "../useOpenSpan";
import { useShown } from "../useShown";
import styles from "./EventsView.module.css";
import { EMPTY_LOG, LOG_KINDS, buildLog, filterLog } from "./log";
import type { LogKind } from "./log";
import { LogRow } from "./LogRow";
import { useSpanEvents } from "./useSpanEvents";
import view from "../View.module.css";

const LABELS: Readonly<Record<LogKind, string>> = { start: "Starts", end: "Ends", error: "Errors", event: "Events" };

const ROW = 28;
/** This close to the end counts as at the end. */
const NEAR_END = 2 * ROW;

/** All that happened in the trace, in order of time. New lines are followed while the end is in view. */
export default function EventsView() {
  const { tree, version } = useCalm(useSpans());
  const followed = useCalm(useSpanEvents());
  const live = useTrace(isRunning);
  const selectedId = useTrace((state) => state.selectedId);
  const openSpan = useOpenSpan();
  const shown = useShown();
  const [kinds, setKinds] = useState<ReadonlySet<LogKind>>(new Set());
  const [text, setText] = useState("");
  const [atEnd, setAtEnd] = useState(live);
  const scroller = useRef<HTMLDivElement>(null);

  const log = useMemo(
    () => (version >= 0 && followed.version >= 0 ? buildLog(tree, followed.events) : EMPTY_LOG),
    [tree, version, followed],
  );
  const entries = useMemo(() => filterLog(tree, log.entries, { kinds, text, shown }), [tree, log, kinds, text, shown]);
  const roving = useRovingRows(scroller, entries.length, (row) => virtualizer.scrollToIndex(row));
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are drawn here and handed to nobody
  const virtualizer = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
    rangeExtractor: (range) => rowsAround(range, roving.active),
  });

  useEffect(() => {
    if (atEnd && live && entries.length > 0) virtualizer.scrollToIndex(entries.length - 1, { align: "end" });
  }, [virtualizer, atEnd, live, entries.length]);

  const toggle = (kind: LogKind) => {
    const next = new Set(kinds);
    if (!next.delete(kind)) next.add(kind);
    setKinds(next);
  };

  const showAll = () => {
    setKinds(new Set());
    setText("");
  };

  return (
    <section aria-label="Log of events" className={view.view}>
      <div className={view.bar}>
        <input
          type="search"
          aria-label="Filter the log"
          placeholder="Filter the log"
          className={view.search}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div role="group" aria-label="Kinds of lines" className={view.chips}>
          {LOG_KINDS.filter((kind) => log.counts[kind] > 0 || kinds.has(kind)).map((kind) => (
            <button
              key={kind}
              type="button"
              className={view.chip}
              aria-pressed={kinds.has(kind)}
              onClick={() => toggle(kind)}
            >
              {LABELS[kind]} {formatCount(log.counts[kind])}
            </button>
          ))}
        </div>
        <span role="status" className={view.note}>
          {followed.phase === "failed" && `The events of spans cannot be read: ${followed.error ?? ""}`}
          {followed.phase === "reading" && "Reading the events of spans…"}
          {followed.phase === "read" && entries.length < log.entries.length && plural(entries.length, "line")}
        </span>
        {live && !atEnd && (
          <Button icon={ArrowDownToLine} onClick={() => setAtEnd(true)}>
            Follow
          </Button>
        )}
      </div>
      {entries.length === 0 && log.entries.length > 0 && (
        <EmptyState title="No line is like this" actions={<Button onClick={showAll}>Show all lines</Button>} />
      )}
      {log.entries.length === 0 && <Nothing />}
      <div
        ref={scroller}
        className={styles.scroller}
        hidden={entries.length === 0}
        onScroll={({ currentTarget: at }) => setAtEnd(at.scrollTop + at.clientHeight >= at.scrollHeight - NEAR_END)}
      >
        {/* The keys move the focus between its buttons. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
        <div
          role="list"
          aria-label="Log"
          className={styles.canvas}
          onKeyDown={roving.onKeyDown}
          style={{ height: virtualizer.getTotalSize() }}
        >
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const entry = entries[index];
            return (
              entry && (
                <LogRow
                  key={index}
                  tree={tree}
                  entry={entry}
                  top={start}
                  count={entries.length}
                  isSelected={tree.get(entry.span).spanId === selectedId}
                  index={index}
                  isTabStop={index === roving.active}
                  onFocus={() => roving.setActive(index)}
                  onSelect={openSpan}
                />
              )
            );
          })}
        </div>
      </div>
    </section>
  );
}

function Nothing() {
  const loading = useTrace((state) => state.load.phase === "loading");
  if (loading) return <Skeleton label="Loading the log" />;
  return (
    <EmptyState icon={Rows3} title="Nothing has happened yet">
      The log has a line for each start and end of a span, and for each event in it.
    </EmptyState>
  );
}
