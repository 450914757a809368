import type { NodeRun } from "./nodeStates";

/** For tests: how a node ran, once and well unless told otherwise. */
export const runOf = (nodeId: string, rest: Partial<NodeRun> = {}): NodeRun => ({
  nodeId,
  state: "ENDED",
  status: { code: "OK", message: null },
  visits: 1,
  attempts: 1,
  startTime: "2026-01-01T00:00:00Z",
  endTime: "2026-01-01T00:00:01Z",
  durationMs: 1_000,
  lastSpanId: `span of ${nodeId}`,
  tokenUsage: { input: 0, output: 0, total: 0, costUsd: null },
  ...rest,
});
