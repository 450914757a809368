import { ListTree } from "lucide-react";
import { useEffect } from "react";

import { useWorkflowRoute } from "@/app";
import { describeError } from "@/graphql";
import { Button, EmptyState, ErrorState, Skeleton } from "@/ui";

import { useRecentRuns } from "./recentRuns";

/** Goes on to the workflow's newest execution. */
export function LatestRun() {
  const { workflowId, setExecution, setTab } = useWorkflowRoute();
  const { runs, external, error, readAgain } = useRecentRuns(workflowId);
  const newest = runs?.[0]?.executionId;

  useEffect(() => {
    if (newest !== undefined) setExecution(newest, { replace: true });
  }, [newest, setExecution]);

  if (runs !== null && newest === undefined) {
    return (
      <EmptyState
        icon={ListTree}
        title="Not run yet"
        actions={!external && <Button onClick={() => setTab("execution")}>Go to Execution</Button>}
      >
        {external
          ? "The trace appears here when the other engine sends its first span."
          : "Start a run, and its trace grows here while it runs."}
      </EmptyState>
    );
  }
  if (error && runs === null) {
    return (
      <ErrorState title="The runs cannot be read" onRetry={readAgain}>
        {describeError(error)}
      </ErrorState>
    );
  }
  return <Skeleton label="Loading the newest run" />;
}
