import { graphql } from "@/graphql";
import type { ExecutionDetailsQuery } from "@/graphql";

export const WorkflowInputsDocument = graphql(`
  query WorkflowInputs($workflowId: String!) {
    workflow(workflowId: $workflowId) {
      id
      workflowId
      name
      external
      version
      definition
    }
  }
`);

export const StartExecutionDocument = graphql(`
  mutation StartExecution($workflowId: String!, $inputs: JSON!) {
    startExecution(input: { workflowId: $workflowId, inputs: $inputs }) {
      execution {
        id
        executionId
        traceId
      }
    }
  }
`);

export const CancelExecutionDocument = graphql(`
  mutation CancelExecution($executionId: ID!) {
    cancelExecution(input: { executionId: $executionId }) {
      execution {
        id
        status
      }
    }
  }
`);

export const DeleteExecutionDocument = graphql(`
  mutation DeleteExecution($executionId: ID!) {
    deleteExecution(input: { executionId: $executionId }) {
      deletedExecutionId
    }
  }
`);

export const ExecutionsDocument = graphql(`
  query Executions($filter: ExecutionFilter, $first: Int!, $after: String) {
    executions(filter: $filter, first: $first, after: $after) {
      nodes {
        ...ExecutionRow
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const ExecutionDetailsDocument = graphql(`
  query ExecutionDetails($executionId: ID!) {
    execution(executionId: $executionId) {
      ...ExecutionRow
      threadId
      inputs
      outputs
      artifacts(first: 20) {
        nodes {
          id
          name
          sizeBytes
          downloadUrl
        }
        pageInfo {
          hasNextPage
        }
      }
      externalLinks {
        name
        url
      }
    }
  }
`);

export const LogSpansDocument = graphql(`
  query LogSpans($executionId: ID!, $first: Int!, $after: String) {
    execution(executionId: $executionId) {
      cursor
      spans(first: $first, after: $after) {
        nodes {
          ...LogSpan
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export const LogUpdatesDocument = graphql(`
  subscription LogUpdates($executionId: ID!, $after: String) {
    traceUpdates(executionId: $executionId, after: $after) {
      cursor
      complete
      spans {
        ...LogSpan
      }
    }
  }
`);

export const LogSpanFragment = graphql(`
  fragment LogSpan on Span {
    spanId
    revision
    displayName
    category
    nodeType
    state
    status {
      code
      message
    }
    startOffsetMs
    durationMs
    attempt
    iteration
    events {
      name
      offsetMs
      attributes
    }
  }
`);

export type ExecutionDetails = NonNullable<ExecutionDetailsQuery["execution"]>;
