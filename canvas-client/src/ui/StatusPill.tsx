import styles from "./StatusPill.module.css";
import { cx } from "./cx";
import { STATUSES } from "./status";
import type { StatusKey } from "./status";

interface StatusPillProps {
  readonly status: StatusKey;
  /** Only the icon; the word stays for assistive technology and as the title. */
  readonly compact?: boolean;
}

/** A state as icon and word, in its colour. */
export function StatusPill({ status, compact = false }: StatusPillProps) {
  const { label, tone, Icon } = STATUSES[status];
  return (
    <span
      className={cx(styles.pill, compact && styles.compact)}
      style={{ color: `var(--state-${tone}-text)` }}
      title={compact ? label : undefined}
    >
      <Icon aria-hidden size={14} className={status === "running" ? styles.spinning : undefined} />
      <span className={compact ? "visually-hidden" : undefined}>{label}</span>
    </span>
  );
}
