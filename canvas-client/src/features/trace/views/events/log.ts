import { eventSummary } from "../../SpanDetails/model/eventSummary";
import { failed } from "../../model/span";
import type { SpanTree } from "../../model/spanTree";
import type { LoggedEvent, SpanEvents } from "./spanEvents";

export const LOG_KINDS = ["start", "end", "error", "event"] as const;
export type LogKind = (typeof LOG_KINDS)[number];

/** A line of the log. */
export interface LogEntry {
  readonly kind: LogKind;
  /** On the trace's clock. */
  readonly timeMs: number;
  /** The span's place in the tree. */
  readonly span: number;
  readonly event: LoggedEvent | null;
}

export interface Log {
  readonly entries: readonly LogEntry[];
  readonly counts: Readonly<Record<LogKind, number>>;
}

export const EMPTY_LOG: Log = { entries: [], counts: { start: 0, end: 0, error: 0, event: 0 } };

/** All that happened, in order of time: starts before ends at the same moment, as a span without a length needs it. */
export function buildLog(tree: SpanTree, events: SpanEvents): Log {
  const entries: LogEntry[] = [];
  const counts = { start: 0, end: 0, error: 0, event: 0 };
  const add = (kind: LogKind, timeMs: number, span: number, event: LoggedEvent | null = null) => {
    entries.push({ kind, timeMs, span, event });
    counts[kind] += 1;
  };
  for (const [index, span] of tree.spans.entries()) {
    add("start", span.startMs, index);
    for (const event of events.bySpan.get(span.spanId)?.events ?? []) {
      // A failure is told once: by the span's end, which has its message.
      if (event.name === "exception" && failed(span)) continue;
      add("event", span.startMs + event.offsetMs, index, event);
    }
    if (span.durationMs !== null) add(failed(span) ? "error" : "end", span.startMs + span.durationMs, index);
  }
  // The sort is stable: what was added first stays first.
  entries.sort((left, right) => left.timeMs - right.timeMs);
  return { entries, counts };
}

export interface LogFilter {
  /** None shows all. */
  readonly kinds: ReadonlySet<LogKind>;
  readonly text: string;
  /** 1 for each span that the filters of the trace let through; null for all. */
  readonly shown?: Uint8Array | null;
}

export function filterLog(
  tree: SpanTree,
  entries: readonly LogEntry[],
  { kinds, text, shown = null }: LogFilter,
): readonly LogEntry[] {
  const wanted = text.trim().toLowerCase();
  if (kinds.size === 0 && wanted === "" && shown === null) return entries;
  return entries.filter(
    (entry) =>
      (kinds.size === 0 || kinds.has(entry.kind)) &&
      (shown === null || shown[entry.span] === 1) &&
      (wanted === "" || `${tree.get(entry.span).displayName}\n${logText(tree, entry)}`.toLowerCase().includes(wanted)),
  );
}

/** What is said behind the span's name. */
export function logText(tree: SpanTree, { kind, span, event }: LogEntry): string {
  if (event !== null) {
    const summary = eventSummary(event.name, event.attributes);
    return summary === "" ? event.name : `${event.name}: ${summary}`;
  }
  if (kind === "error") return tree.get(span).statusMessage ?? "failed";
  return kind === "start" ? "started" : "ended";
}
