/** What the tree, the bars and the plots know about a span: narrow, immutable, replaced as a whole by a newer revision. */

export const SPAN_CATEGORIES = [
  "WORKFLOW",
  "NODE",
  "AGENT",
  "LLM",
  "TOOL",
  "RETRIEVER",
  "EMBEDDING",
  "RERANKER",
  "GUARDRAIL",
  "HTTP",
  "DATABASE",
  "OTHER",
] as const;

export type SpanCategory = (typeof SPAN_CATEGORIES)[number];
export type SpanState = "RUNNING" | "ENDED" | "ABANDONED";
export type SpanStatusCode = "UNSET" | "OK" | "ERROR";

/** A moment of a span that its bar shows. */
export interface SpanMark {
  readonly kind: "FIRST_TOKEN" | "EXCEPTION" | "EVENT";
  /** Milliseconds from the start of the span; negative where clocks differ. */
  readonly offsetMs: number;
  readonly name: string;
}

/** One for all spans without marks, which are most. */
export const NO_MARKS: readonly SpanMark[] = [];

export interface SpanRecord {
  readonly spanId: string;
  /** Also when that span is not known here. */
  readonly parentSpanId: string | null;
  readonly revision: number;
  readonly name: string;
  readonly displayName: string;
  readonly kind: string;
  readonly category: SpanCategory;
  readonly state: SpanState;
  readonly statusCode: SpanStatusCode;
  readonly statusMessage: string | null;
  readonly nodeId: string | null;
  readonly nodeType: string | null;
  readonly attempt: number | null;
  readonly iteration: number | null;
  /** Milliseconds from the origin of the trace's clock; negative for a span that began before the first one seen. */
  readonly startMs: number;
  /** Null while there is no end. Never negative: see `endsBeforeStart`. */
  readonly durationMs: number | null;
  readonly endsBeforeStart: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number | null;
  /** In order of time. */
  readonly marks: readonly SpanMark[];
}

/** A span as the API tells it in lists. */
export interface WireSpan {
  readonly spanId: string;
  readonly parentSpanId?: string | null;
  readonly revision: number;
  readonly name: string;
  readonly displayName: string;
  readonly kind: string;
  readonly category: SpanCategory;
  readonly state: SpanState;
  readonly status: { readonly code: SpanStatusCode; readonly message?: string | null };
  readonly nodeId?: string | null;
  readonly nodeType?: string | null;
  readonly attempt?: number | null;
  readonly iteration?: number | null;
  readonly startTime: string;
  readonly durationMs?: number | null;
  readonly tokenUsage: { readonly input: number; readonly output: number; readonly costUsd?: number | null };
  readonly marks: readonly SpanMark[];
}

/**
 * Turns the API's spans into records on one clock.
 *
 * Starts are read as absolute times: `startOffsetMs` counts from the earliest start known when it was answered, which a late
 * span moves. The first span seen sets the origin, so that offsets stay small enough to hold nanoseconds.
 */
export class SpanReader {
  originMs: number | null = null;
  #second = "";
  #secondMs = 0;
  readonly #strings = new Map<string, string>();

  constructor(originMs: number | null = null) {
    this.originMs = originMs;
  }

  /** Milliseconds of an RFC 3339 time from the origin, to the nanosecond. */
  offsetOf(time: string): number {
    const second = time.slice(0, 19);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondMs = Date.parse(`${second}Z`);
    }
    this.originMs ??= this.#secondMs;
    const fraction = time.charCodeAt(19) === 46 ? Number(time.slice(19, -1)) : 0;
    return this.#secondMs - this.originMs + fraction * 1_000;
  }

  read(span: WireSpan): SpanRecord {
    const durationMs = span.durationMs ?? null;
    return {
      spanId: span.spanId,
      parentSpanId: span.parentSpanId ?? null,
      revision: span.revision,
      name: this.#shared(span.name),
      displayName: this.#shared(span.displayName),
      kind: this.#shared(span.kind),
      category: this.#shared(span.category) as SpanCategory,
      state: this.#shared(span.state) as SpanState,
      statusCode: this.#shared(span.status.code) as SpanStatusCode,
      statusMessage: span.status.message ?? null,
      nodeId: span.nodeId == null ? null : this.#shared(span.nodeId),
      nodeType: span.nodeType == null ? null : this.#shared(span.nodeType),
      attempt: span.attempt ?? null,
      iteration: span.iteration ?? null,
      startMs: this.offsetOf(span.startTime),
      durationMs: durationMs === null ? null : Math.max(0, durationMs),
      endsBeforeStart: durationMs !== null && durationMs < 0,
      inputTokens: span.tokenUsage.input,
      outputTokens: span.tokenUsage.output,
      costUsd: span.tokenUsage.costUsd ?? null,
      marks: span.marks.length === 0 ? NO_MARKS : span.marks.map((mark) => this.#mark(mark)),
    };
  }

  #mark({ kind, offsetMs, name }: SpanMark): SpanMark {
    return { kind: this.#shared(kind) as SpanMark["kind"], offsetMs, name: this.#shared(name) };
  }

  /** One copy of each repeated text: a parsed answer holds a copy per span. */
  #shared(text: string): string {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    this.#strings.set(text, text);
    return text;
  }
}

export function failed(span: SpanRecord): boolean {
  return span.statusCode === "ERROR";
}

export function running(span: SpanRecord): boolean {
  return span.state === "RUNNING";
}

/** Where its bar ends: now while it runs; an abandoned span without an end has no length. */
export function endMs(span: SpanRecord, nowMs: number): number {
  if (span.durationMs !== null) return span.startMs + span.durationMs;
  return span.state === "RUNNING" ? Math.max(span.startMs, nowMs) : span.startMs;
}
