import { cx, formatDuration } from "@/ui";

import { useSpanMarks } from "../SpanDetails";
import { xOf, type Scale } from "./barGeometry";
import styles from "./SpanMarks.module.css";

interface SpanMarksProps {
  readonly spanId: string;
  readonly startMs: number;
  readonly scale: Scale;
}

/** On the bar of the selected span, whose details are read: a notch at its first token, a diamond for each event. */
export function SpanMarks({ spanId, startMs, scale }: SpanMarksProps) {
  return useSpanMarks(spanId).map(({ kind, offsetMs, label }, place) => {
    const x = xOf(scale, startMs + offsetMs);
    return (
      x >= 0 &&
      x <= scale.width && (
        <span
          key={place}
          className={cx(styles.mark, styles[kind])}
          style={{ left: x }}
          title={`${label} after ${formatDuration(offsetMs)}`}
        />
      )
    );
  });
}
