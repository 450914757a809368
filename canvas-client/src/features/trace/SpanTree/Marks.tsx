import { ChevronDown, ChevronRight, type LucideIcon } from "lucide-react";

import { formatCount } from "@/ui";

import styles from "./Marks.module.css";

/** For the pointer; the keyboard and assistive technology use the row itself. */
export function Toggle({ expanded }: { readonly expanded: boolean | null }) {
  if (expanded === null) return <span className={styles.noToggle} />;
  const Chevron = expanded ? ChevronDown : ChevronRight;
  return (
    <span className={styles.toggle} data-toggle>
      <Chevron aria-hidden size={14} />
    </span>
  );
}

interface MarkProps {
  readonly icon: LucideIcon;
  readonly tone: "error" | "running" | "waiting" | "muted";
  readonly label: string;
  readonly count?: number;
  readonly spinning?: boolean;
}

/** A state as an icon, with a text for assistive technology and the pointer. */
export function Mark({ icon: Icon, tone, label, count = 1, spinning = false }: MarkProps) {
  return (
    <span className={styles.mark} style={{ color: `var(--state-${tone}-text)` }} title={label}>
      <Icon aria-hidden size={13} className={spinning ? styles.spinning : undefined} />
      {count > 1 && <span aria-hidden>{formatCount(count)}</span>}
      <span className="visually-hidden">{label}</span>
    </span>
  );
}
