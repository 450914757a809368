import { formatDuration } from "@/ui";

import { selfTimeMs } from "../../model/selfTime";
import { endMs } from "../../model/span";
import type { SpanTree } from "../../model/spanTree";
import styles from "./FlameView.module.css";

const WIDTH = 300;

interface FlameTipProps {
  readonly tree: SpanTree;
  readonly span: number;
  readonly now: number;
  readonly x: number;
  readonly y: number;
  /** Of the chart, within which it stays. */
  readonly width: number;
}

/** What the bar below the pointer is. */
export function FlameTip({ tree, span: index, now, x, y, width }: FlameTipProps) {
  const span = tree.get(index);
  const totalMs = endMs(span, now) - span.startMs;
  const ownMs = selfTimeMs(tree, index, now);
  return (
    <div aria-hidden className={styles.tip} style={{ left: Math.max(4, Math.min(x + 12, width - WIDTH)), top: y + 16 }}>
      <p className={styles.tipName}>{span.displayName}</p>
      <p className={styles.tipFacts}>
        {formatDuration(totalMs)}
        {ownMs < totalMs && `, ${formatDuration(ownMs)} of its own`}, at +
        {formatDuration(span.startMs - tree.minStartMs)}
      </p>
    </div>
  );
}
