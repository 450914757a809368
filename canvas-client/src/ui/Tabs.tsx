import { Tabs as Radix } from "radix-ui";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import { cx } from "./cx";
import styles from "./Tabs.module.css";

export interface TabItem<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly icon?: LucideIcon;
  /** After the label, for example a count. */
  readonly badge?: ReactNode;
}

interface TabsProps<Id extends string> {
  readonly label: string;
  readonly items: readonly TabItem<Id>[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
  /** The pointer or the focus is on a tab: time to fetch what its panel needs. */
  readonly onIntent?: (id: Id) => void;
  /** At the right end of the bar, outside of the tab list. */
  readonly aside?: ReactNode;
  /** The panel of the selected tab. */
  readonly children: ReactNode;
  /** Manual: arrows move the focus, Enter selects. For panels that take time to come. */
  readonly activation?: "automatic" | "manual";
  /** Smaller, for tabs within a panel. */
  readonly dense?: boolean;
}

/** A WAI-ARIA tab list with the panel of its selected tab. It fills its container; the panel scrolls by itself. */
export function Tabs<Id extends string>({
  label,
  items,
  value,
  onChange,
  onIntent,
  aside,
  children,
  activation = "automatic",
  dense = false,
}: TabsProps<Id>) {
  return (
    <Radix.Root
      className={cx(styles.root, dense && styles.dense)}
      value={value}
      onValueChange={(id) => onChange(id as Id)}
      activationMode={activation}
    >
      <div className={styles.bar}>
        <Radix.List className={styles.list} aria-label={label}>
          {items.map(({ id, label, icon: Icon, badge }) => (
            <Radix.Trigger
              key={id}
              value={id}
              className={styles.tab}
              onPointerEnter={() => onIntent?.(id)}
              onFocus={() => onIntent?.(id)}
            >
              {Icon && <Icon aria-hidden size={14} />}
              {label}
              {badge}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {aside}
      </div>
      {items.map(({ id }) => (
        <Radix.Content key={id} value={id} className={styles.panel}>
          {id === value && children}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
