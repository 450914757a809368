import { LoaderCircle } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import type { ButtonHTMLAttributes, Ref } from "react";

import styles from "./Button.module.css";
import { cx } from "./cx";
import { Tooltip } from "./Tooltip";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly variant?: "primary" | "default" | "ghost" | "danger";
  readonly icon?: LucideIcon;
  /** Shows that it is at work; it cannot be pressed meanwhile, but keeps the focus. */
  readonly busy?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({
  variant = "default",
  icon: Icon,
  busy = false,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={cx(styles.button, styles[variant], className)}
    >
      {busy ? (
        <LoaderCircle aria-hidden size={14} className={styles.spinner} />
      ) : (
        Icon && <Icon aria-hidden size={14} />
      )}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children" | "aria-label"> {
  readonly label: string;
  readonly icon: LucideIcon;
  /** Keys shown in the tooltip. */
  readonly keys?: string;
  readonly pressed?: boolean;
  readonly size?: number;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button that is only an icon. Its name is its tooltip. */
export function IconButton({ label, icon: Icon, keys, pressed, size = 16, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} {...(keys !== undefined && { keys })}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-pressed={pressed}
        className={cx(styles.button, styles.ghost, styles.iconOnly, className)}
      >
        <Icon aria-hidden size={size} />
      </button>
    </Tooltip>
  );
}
