import { CircleX, LoaderCircle, RotateCw, TriangleAlert, Unlink, Unplug } from "lucide-react";
import { memo } from "react";

import {
  CategoryIcon,
  categoryColor,
  categoryOfSpan,
  cx,
  formatCostSum,
  formatCount,
  formatDuration,
  formatDurationExact,
  formatTokens,
  formatUnpriced,
  plural,
} from "@/ui";

import type { Skew } from "../model/selfTime";
import { SpanBar } from "../Waterfall/SpanBar";
import { SpanMarks, marksInWords } from "../Waterfall/SpanMarks";
import { Mark, Toggle } from "./Marks";
import { RowFrame } from "./RowFrame";
import { SpanName } from "./SpanName";
import styles from "./SpanRow.module.css";
import type { SpanRowProps } from "./rowProps";

const SKEWS: Readonly<Record<Skew, string>> = {
  "before-parent": "Starts before its parent: the clocks of the two differ",
  "after-parent": "Ends after its parent: it went on in the background, or the clocks differ",
  "ends-before-start": "Was told to end before it started; shown without length",
};

/** One span: name, bar, duration, tokens, cost. */
export const SpanRow = memo(function SpanRow(props: SpanRowProps) {
  const { span, geometry, scale, own, critical, tokens, superseded, faded, offsetMs } = props;
  const failed = span.statusCode === "ERROR";
  const running = span.state === "RUNNING";
  const lost = span.state === "ABANDONED";
  const hue = categoryColor(categoryOfSpan(span.category, span.nodeType), "bar");
  return (
    <RowFrame {...props} rowKey={span.spanId} failed={failed}>
      <div role="gridcell" className={styles.name}>
        <NameContent {...props} />
      </div>
      <div
        role="gridcell"
        className={styles.timeline}
        aria-label={`starts at ${formatDuration(offsetMs)}${marksInWords(span.marks)}`}
      >
        <SpanBar
          scale={scale}
          startMs={span.startMs}
          endMs={running ? null : span.startMs + (span.durationMs ?? 0)}
          own={own}
          color={failed ? "var(--state-error-bar)" : lost ? "var(--state-muted-bar)" : hue}
          superseded={superseded}
          lost={lost}
          faded={faded}
          critical={critical}
        />
        <SpanMarks span={span} scale={scale} faded={faded} />
      </div>
      <div role="gridcell" className={styles.number} title={formatDurationExact(span.durationMs)}>
        {running ? <span data-since={span.startMs} /> : formatDuration(span.durationMs)}
      </div>
      {geometry.showTokens && (
        <div role="gridcell" className={styles.number} title={tokens > 0 ? plural(tokens, "token") : undefined}>
          {formatTokens(tokens)}
        </div>
      )}
      {geometry.showCost && (
        <div role="gridcell" className={styles.number} title={formatUnpriced(props)}>
          {formatCostSum(props)}
        </div>
      )}
    </RowFrame>
  );
});

function NameContent(props: SpanRowProps) {
  const { span, expanded, errorsBelow, descendants, orphan, cycle, skew, superseded, faded, query } = props;
  const failed = span.statusCode === "ERROR";
  return (
    <>
      <Toggle expanded={expanded} />
      <CategoryIcon category={categoryOfSpan(span.category, span.nodeType)} />
      <span className={cx(styles.text, failed && styles.failedText, faded && styles.faded)} title={span.displayName}>
        <SpanName name={span.displayName} query={query} />
      </span>
      {props.iterated && span.iteration !== null && <span className={styles.muted}>#{span.iteration}</span>}
      {span.attempt !== null && span.attempt > 1 && <span className={styles.muted}>attempt {span.attempt}</span>}
      {expanded === false && descendants > 0 && (
        <span className={styles.count} title={`${plural(descendants, "span")} below`}>
          {formatCount(descendants)}
        </span>
      )}
      {failed && (
        <Mark
          icon={superseded ? RotateCw : CircleX}
          tone="error"
          label={superseded ? "failed, tried again" : "failed"}
        />
      )}
      {!failed && errorsBelow > 0 && (
        <Mark icon={CircleX} tone="error" label={`${plural(errorsBelow, "error")} below`} count={errorsBelow} />
      )}
      {span.state === "RUNNING" && <Mark icon={LoaderCircle} tone="running" label="running" spinning />}
      {span.state === "ABANDONED" && <Mark icon={Unplug} tone="muted" label="abandoned: nobody saw its end" />}
      {orphan && (
        <Mark icon={Unlink} tone="waiting" label={`its parent ${span.parentSpanId ?? ""} is not in this trace`} />
      )}
      {cycle && <Mark icon={Unlink} tone="waiting" label="its parents form a circle, which is cut here" />}
      {skew !== null && <Mark icon={TriangleAlert} tone="waiting" label={SKEWS[skew]} />}
    </>
  );
}
