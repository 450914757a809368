import { Activity, FilterX, Play } from "lucide-react";
import { useEffect, useMemo } from "react";
import type { ReactNode } from "react";

import { startRun, useWorkflowRoute } from "@/app";
import { Button, EmptyState, ErrorState, Skeleton, SplitPane, useMediaQuery } from "@/ui";

import styles from "./ExecutionTab.module.css";
import { RunDetails } from "./RunDetails";
import { RunFilters } from "./RunFilters";
import { RunList } from "./RunList";
import { useRuns } from "./api/useRuns";
import { RunComparison } from "./compare";
import { ANY_RUN, isRestricted, readRunFilter, writeRunFilter } from "./model/runFilter";
import type { RunFilter } from "./model/runFilter";

/** In the address: the run to compare the selected one with. */
const COMPARE = "compare";

/** The runs of the workflow, newest first, and the selected one. On a narrow screen one after the other. */
export function ExecutionTab() {
  const { workflowId, executionId, params, setExecution, setParams } = useWorkflowRoute();
  const filter = useMemo(() => readRunFilter(params), [params]);
  const isNarrow = useMediaQuery("(width < 768px)");
  const { runs, hasMore, loading, error, readAgain, loadMore } = useRuns(workflowId ?? "", filter);
  const newest = runs?.[0]?.executionId;
  const asked = params.get(COMPARE);
  const comparedId = asked === executionId ? null : asked;

  // Beside the list there is room for a run, so there is no reason to show none.
  useEffect(() => {
    if (!isNarrow && executionId === null && newest !== undefined) setExecution(newest, { replace: true });
  }, [isNarrow, executionId, newest, setExecution]);

  const setFilter = (next: RunFilter) => setParams((copy) => writeRunFilter(copy, next), { replace: true });

  let list: ReactNode;
  if (runs && runs.length > 0) {
    list = (
      <>
        <RunList
          runs={runs}
          selectedId={executionId}
          comparedId={comparedId}
          onSelect={(id) => setExecution(id, { replace: !isNarrow })}
          onEnd={hasMore ? loadMore : null}
        />
        {error && (
          <p role="alert" className={styles.notice}>
            {error} <Button onClick={readAgain}>Try again</Button>
          </p>
        )}
        {loading && hasMore && <p className={styles.notice}>Loading more…</p>}
      </>
    );
  } else if (error) {
    list = (
      <ErrorState title="The runs cannot be shown" onRetry={readAgain}>
        {error}
      </ErrorState>
    );
  } else if (!runs) {
    list = <Skeleton label="Loading the runs" rowHeight={52} />;
  } else if (isRestricted(filter)) {
    list = (
      <EmptyState
        icon={FilterX}
        title="No run matches"
        actions={<Button onClick={() => setFilter(ANY_RUN)}>Show all runs</Button>}
      />
    );
  } else {
    list = (
      <EmptyState
        icon={Activity}
        title="Not run yet"
        actions={
          workflowId !== null && (
            <Button icon={Play} onClick={() => startRun(workflowId)}>
              Run
            </Button>
          )
        }
      >
        A run appears here as soon as it is started, wherever that is.
      </EmptyState>
    );
  }

  const listPane = (
    <section aria-label="Runs" className={styles.pane}>
      <RunFilters filter={filter} onChange={setFilter} />
      {list}
    </section>
  );
  const compareWith = (id: string | null) =>
    setParams((copy) => (id === null ? copy.delete(COMPARE) : copy.set(COMPARE, id)));
  const details =
    executionId === null ? (
      runs && runs.length > 0 && <EmptyState icon={Activity} title="No run is selected" />
    ) : comparedId !== null ? (
      <RunComparison
        executionIds={[executionId, comparedId]}
        onClose={() => compareWith(null)}
        onSwap={() =>
          setParams((copy) => {
            copy.set("execution", comparedId);
            copy.set(COMPARE, executionId);
          })
        }
      />
    ) : (
      <RunDetails
        key={executionId}
        executionId={executionId}
        runs={runs ?? []}
        onCompare={compareWith}
        {...(isNarrow && { onBack: () => setExecution(null) })}
        onDeleted={() => setExecution(null, { replace: true })}
      />
    );

  if (isNarrow) return executionId === null ? listPane : details;
  return (
    <SplitPane
      id="runs"
      label="Width of the list of runs"
      start={listPane}
      end={details}
      sized="start"
      defaultSize={340}
      min={260}
    />
  );
}
