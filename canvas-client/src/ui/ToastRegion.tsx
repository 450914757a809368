import { CircleCheck, CircleX, X } from "lucide-react";
import { useEffect, useState } from "react";

import { Button, IconButton } from "./Button";
import styles from "./ToastRegion.module.css";
import { dismissToast, useToasts } from "./toast";
import type { Toast } from "./toast";

/** Long enough to read two lines; the pointer or the focus on it stops the clock. */
const STAYS_MS = 6_000;

/** Where toasts appear. Once in the application. */
export function ToastRegion() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <section aria-label="Notifications" className={styles.region}>
      <div role="status">
        <ol className={styles.list}>
          {toasts.map((toast) => (
            <ToastCard key={toast.id} toast={toast} />
          ))}
        </ol>
      </div>
    </section>
  );
}

function ToastCard({ toast: { id, tone, text, action } }: { readonly toast: Toast }) {
  const [held, setHeld] = useState(false);

  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismissToast(id), STAYS_MS);
    return () => clearTimeout(timer);
  }, [held, id]);

  return (
    // Holding is a courtesy of the pointer and of the focus, not a function of its own.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <li
      className={styles.toast}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {tone === "error" ? (
        <CircleX aria-label="Error" size={16} className={styles.error} />
      ) : (
        <CircleCheck aria-hidden size={16} className={styles.ok} />
      )}
      <span className={styles.text}>{text}</span>
      {action && (
        <Button
          variant="ghost"
          onClick={() => {
            action.run();
            dismissToast(id);
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton label="Dismiss" icon={X} size={14} onClick={() => dismissToast(id)} />
    </li>
  );
}
