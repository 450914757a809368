import type { Scale } from "./barGeometry";
import { axisTicks, type Axis } from "./gridlines";
import styles from "./Ruler.module.css";

/** The axis of times above the bars. */
export function Ruler({ scale, ...axis }: Axis & { readonly scale: Scale }) {
  return (
    <div className={styles.ruler} aria-hidden>
      {axisTicks(scale, axis).map(({ x, label, flipped }) => (
        <span key={label + String(x)} className={flipped ? styles.before : styles.tick} style={{ left: x }}>
          {label}
        </span>
      ))}
    </div>
  );
}
