import { SearchX } from "lucide-react";
import { useState } from "react";

import { useWorkflowRoute } from "@/app";
import { describeError } from "@/graphql";
import type { ExecutionRowFragment } from "@/graphql";
import { Button, EmptyState, ErrorState, Skeleton, SplitPane, Tabs } from "@/ui";

import styles from "./RunDetails.module.css";
import { RunHeader } from "./RunHeader";
import { RunLog } from "./RunLog";
import { RunOverview } from "./RunOverview";
import { useExecution } from "./api/useExecution";

interface RunDetailsProps {
  readonly executionId: string;
  /** What it may be compared with, newest first. */
  readonly runs: readonly ExecutionRowFragment[];
  readonly onCompare: (executionId: string) => void;
  /** Back to the list, where the details are all of the screen. */
  readonly onBack?: () => void;
  readonly onDeleted: () => void;
}

/** One run: what can be done, how it went, what went in and came out, and its log. */
export function RunDetails({ executionId, runs, onCompare, onBack, onDeleted }: RunDetailsProps) {
  const { workflowId } = useWorkflowRoute();
  const { execution, deleted, missing, error, readAgain } = useExecution(executionId, workflowId);
  const [view, setView] = useState<"overview" | "log">("overview");

  if (deleted || missing) {
    return (
      <EmptyState
        icon={SearchX}
        title={deleted ? "This run was deleted" : "There is no such run"}
        actions={<Button onClick={onDeleted}>Back to the runs</Button>}
      >
        {deleted ? (
          "Its trace and its files went with it."
        ) : (
          <>
            Nothing is known of a run <code>{executionId}</code>. It may have been deleted.
          </>
        )}
      </EmptyState>
    );
  }
  if (!execution) {
    if (!error) return <Skeleton label="Loading the run" />;
    return (
      <ErrorState title="The run cannot be shown" onRetry={readAgain}>
        {describeError(error)}
      </ErrorState>
    );
  }

  const overview = <RunOverview execution={execution} />;
  const log = <RunLog executionId={execution.executionId} status={execution.status} />;
  return (
    <section aria-label="Selected run" className={styles.details}>
      <RunHeader
        execution={execution}
        runs={runs}
        onCompare={onCompare}
        {...(onBack && { onBack })}
        onDeleted={onDeleted}
      />
      {onBack ? (
        <Tabs
          label="Parts of the run"
          value={view}
          onChange={setView}
          items={[
            { id: "overview", label: "Overview" },
            { id: "log", label: "Log" },
          ]}
        >
          {view === "overview" ? overview : log}
        </Tabs>
      ) : (
        <SplitPane
          id="run-log"
          label="Height of the log"
          orientation="vertical"
          start={overview}
          end={log}
          sized="end"
          defaultSize={340}
          min={120}
          maxFraction={0.75}
        />
      )}
    </section>
  );
}
