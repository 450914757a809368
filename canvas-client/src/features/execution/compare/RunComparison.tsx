import { ArrowLeft, ArrowLeftRight, SearchX } from "lucide-react";

import { useWorkflowRoute } from "@/app";
import { Button, DataTable, EmptyState, ErrorState, IconButton, Skeleton, formatCount, useMediaQuery } from "@/ui";

import { ComparedRuns } from "./ComparedRuns";
import styles from "./RunComparison.module.css";
import { comparisonColumns } from "./columns";
import { MOST_OUTPUTS, MOST_SPANS, useComparison } from "./useComparison";

interface RunComparisonProps {
  readonly executionIds: readonly [string, string];
  readonly onClose: () => void;
  readonly onSwap: () => void;
}

/** Two runs of a workflow: their sums, then node by node. */
export function RunComparison({ executionIds, onClose, onSwap }: RunComparisonProps) {
  const { workflowId } = useWorkflowRoute();
  const { runs, pairs, changes, isCut, outputsLeftOut, missing, error, readAgain } = useComparison(
    workflowId,
    executionIds,
  );
  const isNarrow = useMediaQuery("(width < 768px)");

  if (missing !== null) {
    return (
      <EmptyState
        icon={SearchX}
        title="There is no such run"
        actions={<Button onClick={onClose}>Stop comparing</Button>}
      >
        Nothing is known of a run <code>{executionIds[missing === "a" ? 0 : 1]}</code>. It may have been deleted.
      </EmptyState>
    );
  }
  if (runs === null) {
    if (error === null) return <Skeleton label="Loading the two runs" />;
    return (
      <ErrorState title="The runs cannot be compared" onRetry={readAgain}>
        {error}
      </ErrorState>
    );
  }
  return (
    <section aria-label="Comparison of two runs" className={styles.comparison}>
      <header className={styles.header}>
        <IconButton label="Stop comparing" icon={ArrowLeft} onClick={onClose} />
        <h2 className={styles.title}>Comparison</h2>
        <span className={styles.end}>
          <Button icon={ArrowLeftRight} onClick={onSwap}>
            Swap
          </Button>
        </span>
      </header>
      <ComparedRuns runs={runs} isNarrow={isNarrow} />
      {isCut && <p className={styles.note}>Only the first {formatCount(MOST_SPANS)} spans of each run are compared.</p>}
      {outputsLeftOut === "large" && (
        <p className={styles.note}>Outputs are compared in runs of up to {formatCount(MOST_OUTPUTS)} spans.</p>
      )}
      {outputsLeftOut === "unfinished" && <p className={styles.note}>Outputs are compared once both runs are over.</p>}
      {pairs.length === 0 ? (
        <EmptyState title="Nothing to compare">Neither run has a step yet.</EmptyState>
      ) : (
        <div className={styles.steps}>
          <DataTable
            label="Steps of both runs"
            columns={comparisonColumns(runs, pairs, changes, isNarrow)}
            rows={pairs}
            keyOf={({ key }) => key}
          />
        </div>
      )}
    </section>
  );
}
