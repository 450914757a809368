import { useEffect, useState } from "react";
import { useQuery } from "urql";

import { follow, useConnection } from "@/graphql";
import type { CanvasRunsQuery } from "@/graphql";

import { CanvasRunUpdatesDocument, CanvasRunsDocument } from "./documents";

export type CanvasRun = NonNullable<CanvasRunsQuery["workflow"]>["recentExecutions"][number];

/** A list of runs is for choosing; older ones are on the Execution tab. */
const MOST = 20;

interface Change {
  readonly executionId: string;
  /** Null when it was deleted. */
  readonly run: CanvasRun | null;
}

interface Changes {
  /** How often the feed had come back by then. */
  readonly since: number;
  readonly list: readonly Change[];
}

function withChange({ since, list }: Changes, change: Change): Changes {
  const { recoveries } = useConnection.getState();
  const kept = since === recoveries ? list.filter(({ executionId }) => executionId !== change.executionId) : [];
  return { since: recoveries, list: [...kept, change] };
}

/** The newest runs of a workflow, newest first, kept up to date; null until they are known. */
export function useRuns(workflowId: string): readonly CanvasRun[] | null {
  const [{ data }, readAgain] = useQuery({
    query: CanvasRunsDocument,
    variables: { workflowId },
    requestPolicy: "cache-and-network",
  });
  const recoveries = useConnection((connection) => connection.recoveries);
  // What was told before the feed was away may be older than what was read after it.
  const [changes, setChanges] = useState<Changes>({ since: recoveries, list: [] });

  useEffect(() => {
    // The feed has no cursor: what happened while it was away is read.
    if (recoveries > 0) readAgain({ requestPolicy: "network-only" });
  }, [recoveries, readAgain]);

  useEffect(() => {
    let again: ReturnType<typeof setTimeout> | null = null;
    let unfollow: () => void = () => undefined;
    const listen = () => {
      unfollow = follow(CanvasRunUpdatesDocument, {
        variables: () => ({ workflowId }),
        next: ({ executionUpdates: { executionId, execution } }) =>
          setChanges((before) => withChange(before, { executionId, run: execution })),
        error: () => {
          again = setTimeout(() => {
            readAgain({ requestPolicy: "network-only" });
            listen();
          }, 2_000);
        },
        complete: () => undefined,
      });
    };
    listen();
    return () => {
      unfollow();
      if (again !== null) clearTimeout(again);
    };
  }, [workflowId, readAgain]);

  if (!data?.workflow) return null;
  return mergeRuns(data.workflow.recentExecutions, changes.since === recoveries ? changes.list : []);
}

/** Ids of executions sort by time. */
export function mergeRuns(runs: readonly CanvasRun[], changes: readonly Change[]): readonly CanvasRun[] {
  if (changes.length === 0) return runs;
  const byId = new Map(runs.map((run) => [run.executionId, run]));
  for (const { executionId, run } of changes) {
    if (run) byId.set(executionId, run);
    else byId.delete(executionId);
  }
  return Array.from(byId.values())
    .sort((one, other) => (one.executionId < other.executionId ? 1 : -1))
    .slice(0, MOST);
}
