import { graphql } from "@/graphql";
import type { SaveWorkflowMutation, WorkflowsQuery } from "@/graphql";

export const WorkflowsDocument = graphql(`
  query Workflows($search: String, $first: Int!, $runs: Int!) {
    workflows(search: $search, first: $first) {
      nodes {
        id
        workflowId
        name
        external
        recentExecutions(limit: $runs) {
          id
          executionId
          traceId
          status
          queuedAt
          durationMs
        }
        stats {
          executions
          failed
          meanDurationMs
          tokenUsage {
            input
            output
            total
            costUsd
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export const SaveWorkflowDocument = graphql(`
  mutation SaveWorkflow($source: String!) {
    saveWorkflow(input: { source: $source }) {
      workflow {
        id
        workflowId
        name
        version
      }
      problems {
        path
        line
        column
        message
      }
    }
  }
`);

export type WorkflowRowData = WorkflowsQuery["workflows"]["nodes"][number];
export type RecentRun = WorkflowRowData["recentExecutions"][number];
type SavePayload = NonNullable<SaveWorkflowMutation["saveWorkflow"]>;
export type SavedWorkflow = NonNullable<SavePayload["workflow"]>;
export type Problem = SavePayload["problems"][number];
