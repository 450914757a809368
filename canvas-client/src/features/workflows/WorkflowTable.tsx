import styles from "./WorkflowTable.module.css";
import { WorkflowRow } from "./WorkflowRow";
import type { WorkflowRowData } from "./api/documents";

const SUMMED = "Of the newest 1,000 runs at most";

export function WorkflowTable({ rows }: { readonly rows: readonly WorkflowRowData[] }) {
  const hasCost = rows.some(({ stats }) => (stats.tokenUsage.costUsd ?? 0) > 0);
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col" className={styles.name}>
            Workflow
          </th>
          <th scope="col" className={styles.number}>
            Last runs
          </th>
          <th scope="col" className={styles.number} data-column="optional" title={SUMMED}>
            Runs
          </th>
          <th scope="col" className={styles.number} data-column="optional" title={SUMMED}>
            Failed
          </th>
          <th scope="col" className={styles.number} data-column="optional" title={SUMMED}>
            Mean duration
          </th>
          <th scope="col" className={styles.number} data-column="wide" title={SUMMED}>
            Tokens
          </th>
          {hasCost && (
            <th scope="col" className={styles.number} data-column="wide" title={SUMMED}>
              Cost
            </th>
          )}
          <th scope="col" className={styles.action}>
            <span className="visually-hidden">Start</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((workflow) => (
          <WorkflowRow key={workflow.id} workflow={workflow} hasCost={hasCost} />
        ))}
      </tbody>
    </table>
  );
}
