import { useQuery } from "urql";

import { graphql } from "@/graphql";

const RecentRunsQuery = graphql(`
  query RecentRuns($workflowId: String!) {
    workflow(workflowId: $workflowId) {
      id
      external
      recentExecutions(limit: 30) {
        id
        executionId
        status
        queuedAt
        durationMs
        errorCount
        spanCount
      }
    }
  }
`);

/** The newest executions of a workflow, newest first. */
export function useRecentRuns(workflowId: string | null) {
  const [{ data, error, fetching }, readAgain] = useQuery({
    query: RecentRunsQuery,
    variables: { workflowId: workflowId ?? "" },
    pause: workflowId === null,
    requestPolicy: "cache-and-network",
  });
  return {
    runs: data?.workflow?.recentExecutions ?? null,
    external: data?.workflow?.external ?? false,
    error,
    fetching,
    readAgain: () => readAgain({ requestPolicy: "network-only" }),
  };
}
