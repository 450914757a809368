import { memo } from "react";

import { cx, formatDuration, plural } from "@/ui";

import type { SpanMark, SpanRecord } from "../model/span";
import type { Scale } from "./barGeometry";
import { markGeometry, type DrawnMark } from "./markGeometry";
import styles from "./SpanMarks.module.css";

interface SpanMarksProps {
  readonly span: SpanRecord;
  readonly scale: Scale;
  readonly faded?: boolean;
}

const SHAPES: Readonly<Record<DrawnMark["kind"], string | undefined>> = {
  FIRST_TOKEN: styles.firstToken,
  EXCEPTION: styles.exception,
  EVENT: styles.event,
};

/** On a bar: a notch at the first token, a diamond for each event, a hollow one for each exception. */
export const SpanMarks = memo(function SpanMarks({ span, scale, faded = false }: SpanMarksProps) {
  const marks = markGeometry(scale, span);
  if (marks.length === 0) return null;
  return (
    <span className={cx(styles.marks, faded && styles.faded)}>
      {marks.map(({ kind, x, title }, place) => (
        <span key={place} className={cx(styles.mark, SHAPES[kind])} style={{ left: x }} title={title} />
      ))}
    </span>
  );
});

/** For those who do not see the bar. */
export function marksInWords(marks: readonly SpanMark[]): string {
  if (marks.length === 0) return "";
  const first = marks.find(({ kind }) => kind === "FIRST_TOKEN");
  const count = (wanted: SpanMark["kind"]) => marks.filter(({ kind }) => kind === wanted).length;
  const [events, exceptions] = [count("EVENT"), count("EXCEPTION")];
  return [
    first && `, first token after ${formatDuration(first.offsetMs)}`,
    exceptions > 0 && `, ${plural(exceptions, "exception")}`,
    events > 0 && `, ${plural(events, "event")}`,
  ]
    .filter(Boolean)
    .join("");
}
