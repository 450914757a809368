import { X } from "lucide-react";
import { useEffect, useId, useRef } from "react";
import type { ReactNode } from "react";

import { IconButton } from "./Button";
import styles from "./Dialog.module.css";
import { cx } from "./cx";

interface DialogProps {
  readonly title: string;
  /** Escape, the close button or a click beside it. The dialog is open as long as it is rendered. */
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Buttons, right-aligned below the content. */
  readonly footer?: ReactNode;
  readonly width?: number;
  /** Without the title bar: the title only names it for assistive technology. */
  readonly bare?: boolean;
  /** Whether Escape and a click beside it close it. */
  readonly dismissible?: boolean;
  /** At the top instead of the middle, so that it does not jump when its height changes. */
  readonly placement?: "middle" | "top";
}

/**
 * A modal on the native element, which keeps the focus inside; it is given back at the end. It begins at the element with
 * `data-autofocus`, if there is one.
 */
export function Dialog({
  title,
  onClose,
  children,
  footer,
  width = 480,
  bare = false,
  dismissible = true,
  placement = "middle",
}: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const opener = document.activeElement;
    dialog.showModal();
    // Not the close button, which the browser would choose.
    (dialog.querySelector<HTMLElement>("[data-autofocus]") ?? dialog).focus();
    return () => {
      dialog.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);

  return (
    <dialog
      ref={ref}
      tabIndex={-1}
      className={cx(styles.dialog, placement === "top" && styles.top)}
      style={{ width }}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        if (dismissible) onClose();
      }}
      onPointerDown={(event) => {
        if (dismissible && event.target === ref.current) onClose();
      }}
    >
      <div className={styles.frame}>
        {bare ? (
          <h2 id={titleId} className="visually-hidden">
            {title}
          </h2>
        ) : (
          <header className={styles.header}>
            <h2 id={titleId} className={styles.title}>
              {title}
            </h2>
            {dismissible && <IconButton label="Close" icon={X} onClick={onClose} />}
          </header>
        )}
        <div className={cx(styles.body, bare && styles.bareBody)}>{children}</div>
        {footer && <footer className={styles.footer}>{footer}</footer>}
      </div>
    </dialog>
  );
}
