import { Search, X } from "lucide-react";
import type { Ref } from "react";

import { IconButton } from "./Button";
import styles from "./SearchField.module.css";
import { Keys } from "./Keys";
import { cx } from "./cx";

interface SearchFieldProps {
  readonly label: string;
  readonly placeholder?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** The key that brings the focus here, shown while it is empty. */
  readonly keys?: string;
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLInputElement>;
}

/** Escape empties it, then leaves it. */
export function SearchField({ label, placeholder, value, onChange, keys, className, ref }: SearchFieldProps) {
  return (
    <div role="search" className={cx(styles.field, className)}>
      <Search aria-hidden size={14} className={styles.icon} />
      <input
        ref={ref}
        type="text"
        aria-label={label}
        placeholder={placeholder ?? label}
        value={value}
        spellCheck={false}
        autoComplete="off"
        className={styles.input}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          if (value === "") event.currentTarget.blur();
          else onChange("");
        }}
      />
      {value !== "" && (
        <IconButton label="Clear the search" icon={X} size={14} className={styles.clear} onClick={() => onChange("")} />
      )}
      {value === "" && keys && <Keys keys={keys} />}
    </div>
  );
}
