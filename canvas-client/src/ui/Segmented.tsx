import { ToggleGroup } from "radix-ui";

import styles from "./Segmented.module.css";

interface SegmentedProps<Id extends string> {
  readonly label: string;
  readonly items: readonly { readonly id: Id; readonly label: string }[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
}

/** A switch between a few ways to see the same thing. One of them is always on. */
export function Segmented<Id extends string>({ label, items, value, onChange }: SegmentedProps<Id>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      className={styles.group}
      value={value}
      onValueChange={(id) => {
        if (id !== "") onChange(id as Id);
      }}
    >
      {items.map(({ id, label: text }) => (
        <ToggleGroup.Item key={id} value={id} className={styles.item}>
          {text}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
