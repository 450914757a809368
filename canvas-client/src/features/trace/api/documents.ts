import { graphql } from "@/graphql";

/** What a span is and how it stands, without what it used and what went in and out. */
export const SpanCoreFragment = graphql(`
  fragment SpanCore on Span {
    spanId
    parentSpanId
    revision
    name
    displayName
    kind
    category
    state
    status {
      code
      message
    }
    nodeId
    nodeType
    attempt
    iteration
    startTime
    durationMs
  }
`);

/** A span as the tree needs it: no attributes, no whole events, no input or output. */
export const SpanRowFragment = graphql(`
  fragment SpanRow on Span {
    ...SpanCore
    tokenUsage {
      input
      output
      costUsd
    }
    marks {
      kind
      offsetMs
      name
    }
  }
`);

export const ExecutionProgressFragment = graphql(`
  fragment ExecutionProgress on Execution {
    status
    startedAt
    finishedAt
    durationMs
    spanCount
    errorCount
    error {
      code
      message
      nodeId
    }
    tokenUsage {
      input
      output
      total
      cacheRead
      cacheWrite
      reasoning
      costUsd
      unpriced
    }
    rootSpan {
      spanId
    }
  }
`);

export const ArtifactFileFragment = graphql(`
  fragment ArtifactFile on Artifact {
    id
    artifactId
    name
    mediaType
    sizeBytes
    sha256
    createdAt
    revision
    downloadUrl
  }
`);

export const TraceArtifactFragment = graphql(`
  fragment TraceArtifact on Artifact {
    ...ArtifactFile
    span {
      spanId
    }
  }
`);

export const OpenTraceQuery = graphql(`
  query OpenTrace($executionId: ID!, $first: Int!) {
    execution(executionId: $executionId) {
      executionId
      traceId
      cursor
      queuedAt
      workflowVersion
      workflow {
        workflowId
        name
      }
      externalLinks {
        name
        url
      }
      ...ExecutionProgress
      spans(first: $first) {
        nodes {
          ...SpanRow
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      artifacts(first: 1000) {
        nodes {
          ...TraceArtifact
        }
      }
    }
  }
`);

export const TracePageQuery = graphql(`
  query TracePage($executionId: ID!, $first: Int!, $after: String) {
    execution(executionId: $executionId) {
      spans(first: $first, after: $after) {
        nodes {
          ...SpanRow
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export const RootSpansQuery = graphql(`
  query RootSpans($executionId: ID!, $first: Int!, $after: String) {
    execution(executionId: $executionId) {
      rootSpans(first: $first, after: $after) {
        nodes {
          ...SpanRow
          childCount
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export const ChildSpansQuery = graphql(`
  query ChildSpans($executionId: ID!, $spanId: String!, $first: Int!, $after: String) {
    execution(executionId: $executionId) {
      span(spanId: $spanId) {
        childCount
        children(first: $first, after: $after) {
          nodes {
            ...SpanRow
            childCount
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  }
`);

export const TraceUpdatesSubscription = graphql(`
  subscription TraceUpdates($executionId: ID!, $after: String) {
    traceUpdates(executionId: $executionId, after: $after) {
      cursor
      caughtUp
      complete
      execution {
        ...ExecutionProgress
      }
      spans {
        ...SpanRow
      }
      artifacts {
        ...TraceArtifact
      }
    }
  }
`);

export const SpanTextSearchQuery = graphql(`
  query SpanTextSearch($executionId: ID!, $text: String!, $first: Int!) {
    execution(executionId: $executionId) {
      spans(first: $first, filter: { text: $text }) {
        nodes {
          spanId
        }
        pageInfo {
          hasNextPage
        }
      }
    }
  }
`);
