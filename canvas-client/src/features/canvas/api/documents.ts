import { graphql } from "@/graphql";

export const CanvasWorkflowDocument = graphql(`
  query CanvasWorkflow($workflowId: String!) {
    workflow(workflowId: $workflowId) {
      id
      workflowId
      name
      version
      definition
      source
      external
      updatedAt
    }
  }
`);

export const CanvasRunFragment = graphql(`
  fragment CanvasRun on Execution {
    id
    executionId
    status
    workflowVersion
    queuedAt
    startedAt
    durationMs
  }
`);

export const CanvasRunsDocument = graphql(`
  query CanvasRuns($workflowId: String!) {
    workflow(workflowId: $workflowId) {
      id
      recentExecutions(limit: 20) {
        ...CanvasRun
      }
    }
  }
`);

export const CanvasRunUpdatesDocument = graphql(`
  subscription CanvasRunUpdates($workflowId: String!) {
    executionUpdates(workflowId: $workflowId) {
      kind
      executionId
      execution {
        ...CanvasRun
      }
    }
  }
`);

export const CanvasExecutionDocument = graphql(`
  query CanvasExecution($executionId: ID!) {
    execution(executionId: $executionId) {
      ...CanvasRun
      traceId
      workflow {
        id
        workflowId
      }
      cursor
      error {
        code
        message
        nodeId
      }
      nodes {
        nodeId
        state
        status {
          code
          message
        }
        visits
        attempts
        startTime
        endTime
        durationMs
        lastSpanId
        tokenUsage {
          input
          output
          total
          costUsd
        }
      }
    }
  }
`);

/** Only that something changed: what, is read again. */
export const CanvasTraceUpdatesDocument = graphql(`
  subscription CanvasTraceUpdates($executionId: ID!, $after: String) {
    traceUpdates(executionId: $executionId, after: $after) {
      cursor
      complete
    }
  }
`);

export const CanvasSpanNodeDocument = graphql(`
  query CanvasSpanNode($executionId: ID!, $spanId: String!) {
    execution(executionId: $executionId) {
      id
      span(spanId: $spanId) {
        id
        nodeId
        parentSpanId
        parent {
          id
          nodeId
          parentSpanId
          parent {
            id
            nodeId
            parentSpanId
          }
        }
      }
    }
  }
`);

export const CanvasSpansDocument = graphql(`
  query CanvasSpans($executionId: ID!) {
    execution(executionId: $executionId) {
      id
      spans(first: 10000) {
        nodes {
          spanId
          parentSpanId
          nodeId
          nodeType
          displayName
          startOffsetMs
          durationMs
        }
      }
    }
  }
`);

export const CanvasVersionsDocument = graphql(`
  query CanvasVersions($workflowId: String!) {
    workflow(workflowId: $workflowId) {
      id
      version
      versions(first: 1000) {
        edges {
          cursor
          node {
            version
            name
            createdAt
          }
        }
      }
    }
  }
`);

/** One version: the one that follows another in the list. */
export const CanvasVersionDocument = graphql(`
  query CanvasVersion($workflowId: String!, $after: String) {
    workflow(workflowId: $workflowId) {
      id
      versions(first: 1, after: $after) {
        nodes {
          version
          definition
          source
          createdAt
        }
      }
    }
  }
`);

export const CanvasSaveDocument = graphql(`
  mutation CanvasSave($source: String!) {
    saveWorkflow(input: { source: $source }) {
      workflow {
        id
        workflowId
        name
        version
        definition
        source
        external
        updatedAt
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
