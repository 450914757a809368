import type { WireSpan } from "../model/span";

/** A span as the API tells it: only what a test is about needs to be said. */
export const wire = (spanId: string, parentSpanId: string | null, more: Partial<WireSpan> = {}): WireSpan => ({
  spanId,
  parentSpanId,
  revision: 1,
  name: spanId,
  displayName: spanId,
  kind: "INTERNAL",
  category: "NODE",
  state: "ENDED",
  status: { code: "UNSET", message: null },
  nodeId: null,
  nodeType: null,
  attempt: null,
  iteration: null,
  startTime: "2026-01-31T12:00:00.000Z",
  durationMs: 5,
  tokenUsage: { input: 0, output: 0, costUsd: null },
  marks: [],
  ...more,
});

export const page = (nodes: readonly object[], endCursor: string | null = null) => ({
  nodes,
  pageInfo: { hasNextPage: endCursor !== null, endCursor },
});

/** An execution as `OpenTrace` and `TraceUpdates` tell it. */
export const progress = (more: object = {}) => ({
  status: "SUCCEEDED",
  startedAt: "2026-01-31T12:00:00.000Z",
  finishedAt: "2026-01-31T12:00:01.000Z",
  durationMs: 1_000,
  spanCount: 3,
  errorCount: 0,
  error: null,
  tokenUsage: { input: 0, output: 0, total: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, costUsd: null, unpriced: 0 },
  rootSpan: { spanId: "root" },
  ...more,
});

export const opened = (spans: object, more: object = {}) => ({
  execution: {
    ...progress(),
    executionId: "e",
    traceId: "t".repeat(32),
    cursor: "c0",
    queuedAt: "2026-01-31T12:00:00.000Z",
    workflowVersion: 1,
    workflow: { workflowId: "w", name: "W" },
    externalLinks: [],
    spans,
    artifacts: { nodes: [] },
    ...more,
  },
});
