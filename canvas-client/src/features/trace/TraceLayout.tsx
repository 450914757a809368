import { SearchX, Trash2 } from "lucide-react";
import { Suspense, type ReactNode } from "react";

import { useWorkflowRoute } from "@/app";
import { Button, EmptyState, ErrorState, Skeleton, SplitPane } from "@/ui";

import { Announcer } from "./Announcer";
import { DetailsOverlay } from "./DetailsOverlay";
import { Notices } from "./Notices";
import { SpanDetails } from "./SpanDetails";
import { SpanTree } from "./SpanTree/SpanTree";
import { SummaryStrip } from "./SummaryStrip/SummaryStrip";
import { Toolbar } from "./Toolbar/Toolbar";
import styles from "./TraceLayout.module.css";
import { useDetailsFold } from "./hooks/useDetailsFold";
import { useTrace } from "./store";
import { useTraceShortcuts } from "./useTraceShortcuts";
import { VIEWS } from "./views";

/** Summary, tools, the view, and the details of the selected span beside it, or over it where there is no room. */
export function TraceLayout({ onRetry }: { readonly onRetry: () => void }) {
  const { overlay, folded } = useDetailsFold();
  useTraceShortcuts();
  const nothing = useNothing(onRetry);
  if (nothing !== null) return nothing;
  const main = (
    <div className={styles.main}>
      <Suspense fallback={<Skeleton />}>
        <View />
      </Suspense>
    </div>
  );
  return (
    <div className={styles.layout}>
      <SummaryStrip />
      <Notices onRetry={onRetry} />
      <Toolbar />
      {overlay ? (
        <>
          {main}
          <DetailsOverlay>
            <SpanDetails />
          </DetailsOverlay>
        </>
      ) : (
        <SplitPane
          id="trace.details"
          label="Width of the details"
          sized="end"
          defaultSize={440}
          min={360}
          folded={folded}
          start={main}
          end={<SpanDetails />}
        />
      )}
      <Announcer />
    </div>
  );
}

function View() {
  const view = useTrace((state) => state.view);
  const empty = useTrace((state) => state.version === 0);
  const running = useTrace(({ execution }) => execution?.status === "QUEUED" || execution?.status === "RUNNING");
  const queued = useTrace(({ execution }) => execution?.status === "QUEUED");
  const Chosen = VIEWS[view];
  if (empty && running) {
    return (
      <EmptyState title={queued ? "Waiting for a worker" : "Running, first span pending"}>
        {queued
          ? "The run is queued. Its spans appear here when a worker has begun it."
          : "The first span appears here as soon as it starts."}
      </EmptyState>
    );
  }
  if (empty)
    return <EmptyState title="No spans">This run ended without a span, so there is no trace of it to show.</EmptyState>;
  return Chosen === undefined ? <SpanTree /> : <Chosen />;
}

/** What is shown in place of everything while there is nothing to show; null when there is. */
function useNothing(onRetry: () => void): ReactNode {
  const load = useTrace((state) => state.load);
  const known = useTrace((state) => state.execution !== null);
  const { workflowId, setExecution } = useWorkflowRoute();
  if (known) return null;
  const newest = workflowId !== null && <Button onClick={() => setExecution(null)}>Show the newest run</Button>;
  switch (load.phase) {
    case "failed":
      return (
        <ErrorState title="The trace cannot be read" onRetry={onRetry}>
          {load.message}
        </ErrorState>
      );
    case "missing":
      return (
        <EmptyState icon={SearchX} title="There is no such execution" actions={newest}>
          It may have been deleted, or the address is not complete.
        </EmptyState>
      );
    case "deleted":
      return (
        <EmptyState icon={Trash2} title="This execution was deleted" actions={newest}>
          Its trace and its artifacts are gone with it.
        </EmptyState>
      );
    case "loaded":
    case "loading":
      return <Skeleton label="Loading the trace" rows={12} />;
  }
}
