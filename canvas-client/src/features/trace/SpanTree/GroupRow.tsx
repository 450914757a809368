import { CircleX, Layers2, LoaderCircle, RotateCw } from "lucide-react";
import { memo, useMemo } from "react";

import {
  categoryColor,
  categoryOfSpan,
  formatCostSum,
  formatCount,
  formatDuration,
  formatTokens,
  formatUnpriced,
  plural,
} from "@/ui";

import type { Query } from "../model/query";
import { summarizeGroup, type SiblingGroup } from "../model/siblings";
import { failed, type SpanRecord } from "../model/span";
import { mergeIntervals, type SpanTree } from "../model/spanTree";
import { SpanBar } from "../Waterfall/SpanBar";
import { SpanMarks } from "../Waterfall/SpanMarks";
import type { Scale } from "../Waterfall/barGeometry";
import { Mark, Toggle } from "./Marks";
import { RowFrame } from "./RowFrame";
import { SpanName } from "./SpanName";
import styles from "./SpanRow.module.css";
import type { RowPlace } from "./rowProps";
import type { GridGeometry } from "./useGridGeometry";

interface GroupRowProps extends RowPlace {
  readonly group: SiblingGroup;
  readonly tree: SpanTree;
  /** Of the tree, which grows in place. */
  readonly version: number;
  readonly geometry: GridGeometry;
  readonly scale: Scale;
  readonly query: Query | null;
}

/** Siblings alike in one row: how many, how long, how many failed, and when they ran. */
export const GroupRow = memo(function GroupRow(props: GroupRowProps) {
  const { group, tree, version, geometry, scale, query } = props;
  const { summary, last, times } = useMemo(
    () => ({
      version,
      summary: summarizeGroup(tree, group),
      last: tree.get(group.members[group.members.length - 1] ?? 0),
      times: mergeIntervals(tree, group.members),
    }),
    [tree, version, group],
  );
  const color = categoryColor(categoryOfSpan(last.category, last.nodeType), "bar");
  const running = summary.running > 0;
  return (
    <RowFrame {...props} rowKey={group.key} failed={false}>
      <div role="gridcell" className={styles.name}>
        <Toggle expanded={props.expanded} />
        {group.kind === "attempts" ? (
          <RotateCw aria-hidden size={14} color="var(--text-3)" />
        ) : (
          <Layers2 aria-hidden size={14} color={color} />
        )}
        <span className={styles.text} title={last.displayName}>
          <SpanName name={last.displayName} query={query} />
        </span>
        <span className={styles.count}>
          {group.kind === "attempts" ? plural(summary.count, "attempt") : `× ${formatCount(summary.count)}`}
        </span>
        {group.kind === "repeats" && summary.medianMs !== null && (
          <span className={styles.muted} title="Median duration: half of them took less">
            p50 {formatDuration(summary.medianMs)}
          </span>
        )}
        {summary.errors > 0 && (
          <Mark icon={CircleX} tone="error" label={plural(summary.errors, "error")} count={summary.errors} />
        )}
        {running && (
          <Mark
            icon={LoaderCircle}
            tone="running"
            label={`${formatCount(summary.running)} running`}
            count={summary.running}
            spinning
          />
        )}
      </div>
      <div role="gridcell" className={styles.timeline}>
        {group.kind === "attempts" ? (
          group.members.map((index) => (
            <AttemptBar
              key={index}
              span={tree.get(index)}
              last={tree.get(index) === last}
              scale={scale}
              color={color}
            />
          ))
        ) : (
          <SpanBar
            scale={scale}
            startMs={summary.startMs}
            endMs={running ? null : summary.endMs}
            own={times}
            color={color}
          />
        )}
      </div>
      <div role="gridcell" className={styles.number} title="From the first start to the last end">
        {running ? <span data-since={summary.startMs} /> : formatDuration(summary.endMs - summary.startMs)}
      </div>
      {geometry.showTokens && (
        <div role="gridcell" className={styles.number}>
          {formatTokens(summary.tokens)}
        </div>
      )}
      {geometry.showCost && (
        <div role="gridcell" className={styles.number} title={formatUnpriced(summary)}>
          {formatCostSum(summary)}
        </div>
      )}
    </RowFrame>
  );
});

interface AttemptBarProps {
  readonly span: SpanRecord;
  readonly last: boolean;
  readonly scale: Scale;
  readonly color: string;
}

/** Attempts share a lane: those that were tried again are low. */
function AttemptBar({ span, last, scale, color }: AttemptBarProps) {
  const end = span.state === "RUNNING" ? null : span.startMs + (span.durationMs ?? 0);
  return (
    <>
      <SpanBar
        scale={scale}
        startMs={span.startMs}
        endMs={end}
        own={[span.startMs, end ?? Infinity]}
        color={failed(span) ? "var(--state-error-bar)" : color}
        superseded={!last}
      />
      <SpanMarks span={span} scale={scale} />
    </>
  );
}
