import { graphql } from "@/graphql";

/** The events of spans, of those stored and then of those that change. */
export const SpanEventsSubscription = graphql(`
  subscription SpanEvents($executionId: ID!, $after: String) {
    traceUpdates(executionId: $executionId, after: $after) {
      cursor
      caughtUp
      spans {
        spanId
        revision
        events {
          name
          time
          offsetMs
          attributes
        }
      }
    }
  }
`);
