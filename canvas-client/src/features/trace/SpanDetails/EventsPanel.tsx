import { ChevronDown, ChevronRight } from "lucide-react";
import { useRef, useState } from "react";

import { JsonView, cx, formatDateTimeExact, formatDuration, plural } from "@/ui";

import type { SpanFacts } from "./api/spanDetails";
import styles from "./EventsPanel.module.css";
import { eventSummary } from "./model/eventSummary";

type SpanEvent = SpanFacts["events"][number];

/** More are drawn as one another's neighbours anyway. */
const MOST_MARKS = 400;

/** What happened during the span, along its time and as a list. */
export default function EventsPanel({ facts }: { readonly facts: SpanFacts }) {
  const { events } = facts;
  const list = useRef<HTMLUListElement>(null);
  const [open, setOpen] = useState<ReadonlySet<number>>(() => new Set(events.length === 1 ? [0] : []));
  const lengthMs = Math.max(facts.durationMs ?? 0, events.at(-1)?.offsetMs ?? 0, 0.001);

  const toggle = (place: number) => {
    const next = new Set(open);
    if (!next.delete(place)) next.add(place);
    setOpen(next);
  };
  const show = (place: number) => {
    setOpen(new Set(open).add(place));
    const row = list.current?.children[place];
    row?.scrollIntoView({ block: "nearest" });
    row?.querySelector("button")?.focus();
  };

  return (
    <>
      <div className={styles.line}>
        <span className={styles.axis} />
        {events.slice(0, MOST_MARKS).map((event, place) => (
          <button
            // Events come in order of time and are only ever added.
            key={place}
            type="button"
            // The list below holds the same events and is easier to walk.
            tabIndex={-1}
            aria-label={`${event.name} after ${formatDuration(event.offsetMs)}`}
            title={`${event.name}, +${formatDuration(event.offsetMs)}`}
            className={cx(styles.mark, isFailure(event) && styles.failed)}
            style={{ left: `${Math.min(1, Math.max(0, event.offsetMs / lengthMs)) * 100}%` }}
            onClick={() => show(place)}
          />
        ))}
        <span aria-hidden className={styles.ends}>
          <span>start</span>
          <span>{formatDuration(lengthMs)}</span>
        </span>
      </div>
      <ul ref={list} className={styles.list} aria-label="Events">
        {events.map((event, place) => (
          <Event key={place} event={event} isOpen={open.has(place)} onToggle={() => toggle(place)} />
        ))}
      </ul>
    </>
  );
}

const isFailure = ({ name }: SpanEvent) => name === "exception";

interface EventProps {
  readonly event: SpanEvent;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function Event({ event, isOpen, onToggle }: EventProps) {
  const { name, time, offsetMs, attributes, droppedAttributesCount } = event;
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <li className={styles.event}>
      <button type="button" className={styles.head} aria-expanded={isOpen} onClick={onToggle}>
        <Chevron aria-hidden size={12} className={styles.chevron} />
        <span className={styles.time} title={formatDateTimeExact(time)}>
          +{formatDuration(offsetMs)}
        </span>
        <span className={cx(styles.name, isFailure(event) && styles.failedName)}>{name}</span>
        <span className={styles.summary}>{!isOpen && eventSummary(name, attributes)}</span>
      </button>
      {isOpen && (
        <div className={styles.body}>
          <JsonView value={attributes} label={`Attributes of ${name}`} rows={20} />
          {droppedAttributesCount > 0 && (
            <p className={styles.note}>
              {plural(droppedAttributesCount, "more attribute")} {droppedAttributesCount === 1 ? "was" : "were"} dropped
              by the producer, over its limit.
            </p>
          )}
        </div>
      )}
    </li>
  );
}
