import styles from "./Keys.module.css";
import { keyCaps } from "./keys";

/** Keys as caps: `mod+k` is ⌘ K on a Mac and Ctrl K elsewhere. */
export function Keys({ keys }: { readonly keys: string }) {
  return (
    <span className={styles.keys}>
      {keyCaps(keys).map((cap) => (
        <kbd key={cap} className={styles.cap}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}
