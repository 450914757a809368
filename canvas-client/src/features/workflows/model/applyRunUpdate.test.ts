import { describe, expect, it } from "vitest";

import type { ExecutionUpdate } from "@/graphql";

import type { WorkflowRowData } from "../api/documents";
import { RUNS_SHOWN, applyRunUpdate } from "./applyRunUpdate";

const tokens = { input: 0, output: 0, total: 0, costUsd: null, unpriced: 0 };

const row = (workflowId: string, ...executionIds: string[]): WorkflowRowData => ({
  id: workflowId,
  workflowId,
  name: workflowId,
  external: false,
  recentExecutions: executionIds.map((executionId) => ({
    id: executionId,
    executionId,
    traceId: "t",
    status: "RUNNING",
    queuedAt: "2026-01-01T00:00:00Z",
    durationMs: null,
  })),
  stats: { executions: 1, failed: 0, meanDurationMs: null, tokenUsage: tokens },
});

const update = (kind: ExecutionUpdate["kind"], workflowId: string, executionId: string): ExecutionUpdate => ({
  kind,
  executionId,
  execution:
    kind === "DELETED"
      ? null
      : {
          id: executionId,
          executionId,
          externalId: null,
          traceId: "t",
          status: "SUCCEEDED",
          queuedAt: "2026-01-01T00:00:00Z",
          startedAt: null,
          finishedAt: null,
          durationMs: 12,
          spanCount: 1,
          errorCount: 0,
          workflowVersion: 1,
          tokenUsage: tokens,
          error: null,
          workflow: { id: workflowId, workflowId, name: workflowId },
        },
});

const ids = (rows: readonly WorkflowRowData[], index = 0) =>
  rows[index]?.recentExecutions.map(({ executionId }) => executionId);

describe("applyRunUpdate", () => {
  it("changes the run where it is shown, and no other row", () => {
    const before = [row("a", "2", "1"), row("b", "3")];
    const after = applyRunUpdate(before, update("CHANGED", "a", "1"));
    expect(after[0]?.recentExecutions.map(({ status }) => status)).toEqual(["RUNNING", "SUCCEEDED"]);
    expect(after[1]).toBe(before[1]);
  });

  it("puts a new run first and an old one where it belongs", () => {
    expect(ids(applyRunUpdate([row("a", "2")], update("CREATED", "a", "3")))).toEqual(["3", "2"]);
    expect(ids(applyRunUpdate([row("a", "2")], update("CHANGED", "a", "1")))).toEqual(["2", "1"]);
  });

  it("shows no more than fit", () => {
    const many = Array.from({ length: RUNS_SHOWN }, (_, index) => String(50 - index));
    const after = ids(applyRunUpdate([row("a", ...many)], update("CREATED", "a", "99")));
    expect(after).toHaveLength(RUNS_SHOWN);
    expect(after?.[0]).toBe("99");
  });

  it("takes a deleted run away", () => {
    const before = [row("a", "2", "1"), row("b", "3")];
    const after = applyRunUpdate(before, update("DELETED", "a", "1"));
    expect(ids(after)).toEqual(["2"]);
    expect(after[1]).toBe(before[1]);
  });
});
