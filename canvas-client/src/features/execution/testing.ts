import type { ExecutionRowFragment, ExecutionUpdate } from "@/graphql";

/** A run as lists show it. */
export const aRun = (executionId: string, over: Partial<ExecutionRowFragment> = {}): ExecutionRowFragment => ({
  id: `opaque ${executionId}`,
  executionId,
  externalId: null,
  traceId: "0af7651916cd43dd8448eb211c80319c",
  status: "SUCCEEDED",
  queuedAt: "2026-01-01T12:00:00Z",
  startedAt: "2026-01-01T12:00:00Z",
  finishedAt: "2026-01-01T12:00:03Z",
  durationMs: 3_010,
  spanCount: 14,
  errorCount: 0,
  workflowVersion: 1,
  tokenUsage: { input: 0, output: 0, total: 0, costUsd: null, unpriced: 0 },
  error: null,
  workflow: { id: "opaque welcome", workflowId: "welcome", name: "Welcome Bot" },
  ...over,
});

export const anUpdate = (kind: ExecutionUpdate["kind"], run: ExecutionRowFragment): ExecutionUpdate => ({
  kind,
  executionId: run.executionId,
  execution: kind === "DELETED" ? null : run,
});
