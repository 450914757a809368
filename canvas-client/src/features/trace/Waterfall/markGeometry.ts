import { formatDuration } from "@/ui";

import { endMs, type SpanMark, type SpanRecord } from "../model/span";
import { xOf, type Scale } from "./barGeometry";

/** A mark as it is drawn: one moment, or several that would lie on each other. */
export interface DrawnMark {
  readonly kind: SpanMark["kind"];
  readonly x: number;
  /** What happened and when, a line each. */
  readonly title: string;
}

/** Marks on a shorter bar would hide it. */
const SHORTEST_BAR_PX = 12;
const APART_PX = 4;
const MOST_LINES = 8;

const NOTHING: readonly DrawnMark[] = [];

/** The marks of a span that are in view. Events nearer to each other than they can be told apart are one mark. */
export function markGeometry(scale: Scale, span: SpanRecord): readonly DrawnMark[] {
  const { marks, startMs } = span;
  if (marks.length === 0) return NOTHING;
  const length = xOf(scale, endMs(span, Infinity)) - xOf(scale, startMs);
  if (length < SHORTEST_BAR_PX) return NOTHING;
  const drawn: DrawnMark[] = [];
  let from = -Infinity;
  let near: SpanMark[] = [];
  const draw = (x: number, moments: readonly SpanMark[]) => {
    if (moments.length > 0 && x >= 0 && x <= scale.width) {
      drawn.push({ kind: worst(moments), x, title: titleOf(moments) });
    }
  };
  for (const mark of marks) {
    const x = xOf(scale, startMs + mark.offsetMs);
    if (mark.kind === "FIRST_TOKEN") {
      draw(x, [mark]);
    } else if (x - from < APART_PX) {
      near.push(mark);
    } else {
      draw(from, near);
      [from, near] = [x, [mark]];
    }
  }
  draw(from, near);
  return drawn;
}

function worst(moments: readonly SpanMark[]): SpanMark["kind"] {
  return moments.find(({ kind }) => kind === "EXCEPTION")?.kind ?? moments[0]?.kind ?? "EVENT";
}

function titleOf(moments: readonly SpanMark[]): string {
  const lines = moments.slice(0, MOST_LINES).map(({ name, offsetMs }) => `${name} after ${formatDuration(offsetMs)}`);
  if (moments.length > MOST_LINES) lines.push(`and ${moments.length - MOST_LINES} more`);
  return lines.join("\n");
}
