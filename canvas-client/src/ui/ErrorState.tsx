import { CircleX, RotateCw } from "lucide-react";
import type { ReactNode } from "react";

import { Button } from "./Button";
import styles from "./EmptyState.module.css";

interface ErrorStateProps {
  readonly title: string;
  /** The cause, in words. */
  readonly children?: ReactNode;
  readonly onRetry?: () => void;
  readonly actions?: ReactNode;
}

export function ErrorState({ title, children, onRetry, actions }: ErrorStateProps) {
  return (
    <div role="alert" className={styles.state}>
      <CircleX aria-hidden size={24} className={styles.failed} />
      <h2 className={styles.title}>{title}</h2>
      {children && <div className={styles.text}>{children}</div>}
      {(onRetry ?? actions) !== undefined && (
        <div className={styles.actions}>
          {onRetry && (
            <Button icon={RotateCw} onClick={onRetry}>
              Try again
            </Button>
          )}
          {actions}
        </div>
      )}
    </div>
  );
}
