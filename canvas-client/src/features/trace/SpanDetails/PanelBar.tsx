import type { ReactNode } from "react";

import styles from "./PanelBar.module.css";

interface PanelBarProps {
  readonly children?: ReactNode;
  /** At the right. */
  readonly end?: ReactNode;
}

/** The bar above what a panel shows. */
export function PanelBar({ children, end }: PanelBarProps) {
  return (
    <div className={styles.bar}>
      {children}
      {end && <div className={styles.end}>{end}</div>}
    </div>
  );
}

export function PanelNote({ children }: { readonly children: ReactNode }) {
  return <span className={styles.note}>{children}</span>;
}

interface FilterFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function FilterField({ label, value, onChange }: FilterFieldProps) {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      className={styles.filter}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
