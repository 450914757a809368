import styles from "./Skeleton.module.css";

interface SkeletonProps {
  /** What is coming, for assistive technology. */
  readonly label?: string;
  readonly rows?: number;
  readonly rowHeight?: number;
}

/** Grey bars in the geometry of the rows to come. They appear after 120 ms, so that what comes at once does not flash. */
export function Skeleton({ label = "Loading", rows = 8, rowHeight = 28 }: SkeletonProps) {
  return (
    <div role="status" aria-label={label} className={styles.skeleton}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.row} style={{ height: rowHeight }}>
          <span className={styles.bar} style={{ width: `${((row * 37) % 30) + 18}%` }} />
          <span className={styles.bar} style={{ width: `${((row * 53) % 20) + 8}%` }} />
        </div>
      ))}
    </div>
  );
}
