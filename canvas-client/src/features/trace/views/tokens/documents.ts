import { graphql } from "@/graphql";

export const TraceUsageDocument = graphql(`
  query TraceUsage($executionId: ID!) {
    execution(executionId: $executionId) {
      tokenUsage {
        ...UsageSums
      }
      tokenUsageByModel {
        provider
        model
        calls
        tokenUsage {
          ...UsageSums
        }
      }
      tokenUsageByNode {
        nodeId
        calls
        tokenUsage {
          ...UsageSums
        }
      }
    }
  }

  fragment UsageSums on TokenUsage {
    input
    output
    total
    cacheRead
    reasoning
    costUsd
    unpriced
  }
`);
