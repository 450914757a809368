import { CircleX } from "lucide-react";

import styles from "./RunDetails.module.css";
import type { ExecutionDetails } from "./api/documents";

/** Why the run failed. */
export function RunError({
  error: { code, message, nodeId },
}: {
  readonly error: NonNullable<ExecutionDetails["error"]>;
}) {
  return (
    <section aria-label="Error" className={styles.error}>
      <CircleX aria-hidden size={16} className={styles.errorIcon} />
      <div className={styles.errorText}>
        <p className={styles.errorTitle}>
          {nodeId ? (
            <>
              Failed at <code>{nodeId}</code>
            </>
          ) : (
            "Failed"
          )}
          <code className={styles.errorCode}>{code}</code>
        </p>
        <p className={styles.errorMessage}>{message}</p>
      </div>
    </section>
  );
}
