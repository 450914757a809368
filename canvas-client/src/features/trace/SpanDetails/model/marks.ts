import type { SpanFacts } from "../api/spanDetails";

/** A moment of a span that its bar shows. */
export interface SpanMark {
  readonly kind: "firstToken" | "event" | "exception";
  /** Milliseconds from the start of the span. */
  readonly offsetMs: number;
  readonly label: string;
}

/** More on one bar are a smear. */
const MOST_EVENTS = 200;

type Marked = Pick<SpanFacts, "attributes" | "events" | "startTime">;

export function marksOf({ attributes, events, startTime }: Marked): readonly SpanMark[] {
  const first = firstTokenMs(attributes, startTime);
  const marks: SpanMark[] = events.slice(0, MOST_EVENTS).map(({ name, offsetMs }) => ({
    kind: name === "exception" || /error/i.test(name) ? "exception" : "event",
    offsetMs,
    label: name,
  }));
  if (first !== null) marks.push({ kind: "firstToken", offsetMs: first, label: "first token" });
  return marks;
}

/** As OpenTelemetry, the Vercel AI SDK and Langfuse tell it. */
function firstTokenMs(attributes: Marked["attributes"], startTime: string): number | null {
  const seconds = attributes["gen_ai.response.time_to_first_chunk"];
  if (typeof seconds === "number") return seconds * 1_000;
  const milliseconds = attributes["ai.response.msToFirstChunk"];
  if (typeof milliseconds === "number") return milliseconds;
  const moment = attributes["langfuse.observation.completion_start_time"];
  const at = typeof moment === "string" ? Date.parse(moment.replaceAll('"', "")) : NaN;
  return Number.isNaN(at) ? null : at - Date.parse(startTime);
}
