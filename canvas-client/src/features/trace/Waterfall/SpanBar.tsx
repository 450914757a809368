import { memo } from "react";

import { cx } from "@/ui";

import { styleWithVariables } from "../hooks/styleWithVariables";
import { barGeometry, ownPicture, type Scale } from "./barGeometry";
import styles from "./SpanBar.module.css";

interface SpanBarProps {
  readonly scale: Scale;
  readonly startMs: number;
  /** Null while it runs. */
  readonly endMs: number | null;
  /** Stretches of own work, as start, end, start, end…; the last end of a running span is infinite. */
  readonly own: ArrayLike<number>;
  readonly color: string;
  /** Superseded by a later attempt. */
  readonly superseded?: boolean;
  /** Left behind: nobody saw its end. */
  readonly lost?: boolean;
  readonly faded?: boolean;
  /** Stretches on the critical path, as start, end, start, end…. */
  readonly critical?: readonly number[] | undefined;
}

/** A span on the time line: thick where it works itself, thin where its children do. */
export const SpanBar = memo(function SpanBar({
  scale,
  startMs,
  endMs,
  own,
  color,
  superseded = false,
  lost = false,
  faded = false,
  critical,
}: SpanBarProps) {
  const bar = barGeometry(scale, startMs, endMs, own);
  if (bar === null) return null;
  const picture = ownPicture(bar);
  const running = bar.width === null;
  return (
    <>
      <span
        // A bar that has stopped growing is another element, without the width that the ticker gave it.
        key={running ? "growing" : "ended"}
        data-grows-from={running ? bar.left : undefined}
        className={cx(
          styles.bar,
          picture === null && styles.whole,
          running && styles.running,
          superseded && styles.superseded,
          lost && styles.lost,
          faded && styles.faded,
        )}
        style={styleWithVariables({
          left: bar.left,
          // The ticker gives a growing bar its width.
          ...(bar.width !== null && { width: bar.width }),
          color,
          "--own": picture ?? undefined,
        })}
      />
      {critical !== undefined && <CriticalStretches scale={scale} times={critical} />}
    </>
  );
});

/** Shorter ones would be dots that say nothing. */
const SHORTEST_CRITICAL_PX = 1.5;

function CriticalStretches({ scale, times }: { readonly scale: Scale; readonly times: readonly number[] }) {
  const bar = barGeometry(scale, scale.window.startMs, scale.window.endMs, times);
  const visible = bar?.own.filter(({ from, to }) => to - from >= SHORTEST_CRITICAL_PX) ?? [];
  const picture = bar === null || visible.length === 0 ? null : ownPicture({ ...bar, width: Infinity, own: visible });
  if (picture === null) return null;
  return <span className={styles.critical} style={{ backgroundImage: picture }} />;
}
