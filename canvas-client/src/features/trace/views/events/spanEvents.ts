/** What happened during a span, as the log shows it. */
export interface LoggedEvent {
  readonly name: string;
  readonly time: string;
  readonly offsetMs: number;
  readonly attributes: unknown;
}

/** The events of all spans that have some; grows in place. */
export class SpanEvents {
  readonly bySpan = new Map<string, { readonly revision: number; readonly events: readonly LoggedEvent[] }>();
  /** Changes when something is added. */
  version = 0;

  /** Of two copies of a span the one with the higher revision wins. */
  add(spans: readonly { spanId: string; revision: number; events: readonly LoggedEvent[] }[]): void {
    for (const { spanId, revision, events } of spans) {
      const known = this.bySpan.get(spanId);
      if (known ? known.revision >= revision : events.length === 0) continue;
      this.bySpan.set(spanId, { revision, events });
      this.version += 1;
    }
  }
}
