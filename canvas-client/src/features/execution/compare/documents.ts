import { graphql } from "@/graphql";
import type { ComparedRunQuery } from "@/graphql";

export const ComparedRunDocument = graphql(`
  query ComparedRun($executionId: ID!, $first: Int!) {
    execution(executionId: $executionId) {
      ...ExecutionRow
      spans(first: $first) {
        nodes {
          spanId
          parentSpanId
          displayName
          category
          nodeId
          nodeType
          attempt
          iteration
          state
          status {
            code
          }
          durationMs
          tokenUsage {
            input
            output
          }
        }
        pageInfo {
          hasNextPage
        }
      }
    }
  }
`);

export const ComparedOutputsDocument = graphql(`
  query ComparedOutputs($executionId: ID!, $first: Int!) {
    execution(executionId: $executionId) {
      id
      spans(first: $first) {
        nodes {
          spanId
          output
        }
      }
    }
  }
`);

export type ComparedRun = NonNullable<ComparedRunQuery["execution"]>;
