import { cx } from "@/ui";

import { isRunning, useTrace } from "../store";
import type { Scale } from "./barGeometry";
import { gridlines } from "./gridlines";
import styles from "./TimelineGround.module.css";

/** What lies behind all bars: lines at the ticks of the axis, and while something runs the present and the future. */
export function TimelineGround({ scale, zeroMs }: { readonly scale: Scale; readonly zeroMs: number }) {
  const running = useTrace(isRunning);
  const timeMode = useTrace((state) => state.timeMode);
  return (
    <div aria-hidden className={styles.ground}>
      {gridlines(scale, zeroMs, timeMode).map((x) => (
        <span key={x} className={styles.line} style={{ left: x }} />
      ))}
      {running && <span data-future className={styles.future} />}
      {running && <span data-now className={cx(styles.line, styles.now)} />}
    </div>
  );
}
