import type { LogSpanFragment } from "@/graphql";

/** A line of the log: a span that began or ended, or something that happened during one. */
export interface LogEntry {
  readonly key: string;
  readonly kind: "start" | "event" | "end";
  readonly spanId: string;
  /** The span's name. */
  readonly name: string;
  readonly category: string;
  readonly nodeType: string | null;
  /** Milliseconds from the trace's start. */
  readonly offsetMs: number;
  readonly isError: boolean;
  /** What happened, after the name; empty for a start. */
  readonly text: string;
  /** Of a span that ended. */
  readonly durationMs: number | null;
}

export type LogFilter = "all" | "events" | "errors";

const ORDER = { start: 0, event: 1, end: 2 } as const;

const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

type Attributes = Readonly<Record<string, unknown>>;

const attributesOf = (attributes: unknown): Attributes =>
  typeof attributes === "object" && attributes !== null && !Array.isArray(attributes) ? (attributes as Attributes) : {};

/** An event in one line: an exception's type and message, a log record's text, else its name and attributes. */
export function describeEvent(name: string, attributes: unknown): string {
  const known = attributesOf(attributes);
  if (name === "exception") {
    const parts = [known["exception.type"], known["exception.message"]].filter(
      (part) => part !== undefined && part !== "",
    );
    return parts.length > 0 ? parts.map(asText).join(": ") : name;
  }
  if (known.body !== undefined) return asText(known.body);
  const rest = Object.entries(known).map(([key, value]) => `${key}=${asText(value)}`);
  return [name, ...rest].join(" ");
}

const isErrorEvent = (name: string, attributes: unknown): boolean => {
  const severity = attributesOf(attributes).severity_text ?? attributesOf(attributes).severity;
  return name === "exception" || (typeof severity === "string" && /^(error|fatal)/i.test(severity));
};

function entriesOf(span: LogSpanFragment): LogEntry[] {
  const { spanId, displayName, category, nodeType, startOffsetMs, durationMs, state, status, attempt } = span;
  const shared = { spanId, name: displayName, category, nodeType };
  const entries: LogEntry[] = [
    {
      ...shared,
      key: `${spanId} start`,
      kind: "start",
      offsetMs: startOffsetMs,
      isError: false,
      text: attempt != null && attempt > 1 ? `attempt ${attempt}` : "",
      durationMs: null,
    },
    ...span.events.map(({ name, offsetMs, attributes }, index): LogEntry => ({
      ...shared,
      key: `${spanId} ${index}`,
      kind: "event",
      offsetMs: startOffsetMs + offsetMs,
      isError: isErrorEvent(name, attributes),
      text: describeEvent(name, attributes),
      durationMs: null,
    })),
  ];
  if (state === "ENDED" && durationMs != null) {
    entries.push({
      ...shared,
      key: `${spanId} end`,
      kind: "end",
      offsetMs: startOffsetMs + durationMs,
      isError: status.code === "ERROR",
      text: status.code === "ERROR" ? (status.message ?? "") : "",
      durationMs,
    });
  }
  return entries;
}

/** The spans as a log, oldest first. */
export function logEntries(spans: Iterable<LogSpanFragment>): LogEntry[] {
  return Array.from(spans)
    .flatMap(entriesOf)
    .sort((a, b) => a.offsetMs - b.offsetMs || ORDER[a.kind] - ORDER[b.kind]);
}

export function filterLog(entries: readonly LogEntry[], filter: LogFilter, search: string): readonly LogEntry[] {
  const wanted = search.trim().toLowerCase();
  if (filter === "all" && wanted === "") return entries;
  return entries.filter(
    ({ kind, isError, name, text }) =>
      (filter === "all" || (filter === "events" ? kind === "event" : isError)) &&
      (wanted === "" || name.toLowerCase().includes(wanted) || text.toLowerCase().includes(wanted)),
  );
}
