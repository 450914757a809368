import { graphql } from "@/graphql";

/** Without input and output, which may be large: the header does not wait for them. */
export const SpanFactsDocument = graphql(`
  query SpanFacts($executionId: ID!, $spanId: String!) {
    execution(executionId: $executionId) {
      span(spanId: $spanId) {
        ...SpanCore
        id
        traceId
        endTime
        startOffsetMs
        childCount
        attributes
        events {
          name
          time
          offsetMs
          attributes
          droppedAttributesCount
        }
        links {
          traceId
          spanId
          traceState
          attributes
          droppedAttributesCount
        }
        tokenUsage {
          ...DetailedUsage
        }
        subtreeTokenUsage {
          ...DetailedUsage
        }
        artifacts {
          ...ArtifactFile
        }
      }
    }
  }

  fragment DetailedUsage on TokenUsage {
    input
    output
    total
    cacheRead
    cacheWrite
    reasoning
    costUsd
    unpriced
  }
`);

export const SpanPayloadDocument = graphql(`
  query SpanPayload($executionId: ID!, $spanId: String!) {
    execution(executionId: $executionId) {
      span(spanId: $spanId) {
        revision
        input
        output
      }
    }
  }
`);

/** The spans of the tools that a model call asked for are beside it, below the agent. */
export const ToolSpansDocument = graphql(`
  query ToolSpans($executionId: ID!, $parentSpanId: String!) {
    execution(executionId: $executionId) {
      span(spanId: $parentSpanId) {
        children(first: 1000) {
          nodes {
            spanId
            category
            name
            startOffsetMs
            attributes
          }
        }
      }
    }
  }
`);
