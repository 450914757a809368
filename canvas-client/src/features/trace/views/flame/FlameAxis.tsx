import { fractionOf, lengthOf, tickLabel, ticks } from "../../model/timeScale";
import type { TimeWindow } from "../../model/timeScale";
import styles from "./FlameView.module.css";

const MOST_TICKS = 8;
/** Behind this a label would be cut at the edge. */
const LAST_LABEL = 0.94;

export function FlameAxis({ window, zeroMs }: { readonly window: TimeWindow; readonly zeroMs: number }) {
  const { stepMs, timesMs } = ticks(window, MOST_TICKS, zeroMs);
  const longest = Math.max(window.endMs - zeroMs, lengthOf(window));
  return (
    <div aria-hidden className={styles.axis}>
      {timesMs.map((timeMs) => (
        <span key={timeMs} className={styles.tick} style={{ left: `${fractionOf(window, timeMs) * 100}%` }}>
          {fractionOf(window, timeMs) < LAST_LABEL && tickLabel(timeMs - zeroMs, stepMs, longest)}
        </span>
      ))}
    </div>
  );
}
