import { describe, expect, it } from "vitest";

import { mergeRuns } from "./useRuns";
import type { CanvasRun } from "./useRuns";

const run = (executionId: string, rest: Partial<CanvasRun> = {}): CanvasRun => ({
  id: executionId,
  executionId,
  status: "RUNNING",
  workflowVersion: 1,
  queuedAt: "2026-01-01T00:00:00Z",
  startedAt: null,
  durationMs: null,
  ...rest,
});

const idsOf = (runs: readonly CanvasRun[]) => runs.map(({ executionId }) => executionId);

describe("mergeRuns", () => {
  const runs = [run("103"), run("102")];

  it("puts the newest first and takes the deleted away", () => {
    expect(idsOf(mergeRuns(runs, [{ executionId: "104", run: run("104") }]))).toEqual(["104", "103", "102"]);
    expect(idsOf(mergeRuns(runs, [{ executionId: "103", run: null }]))).toEqual(["102"]);
  });

  it("takes what was told later", () => {
    const changed = run("102", { status: "SUCCEEDED" });
    expect(mergeRuns(runs, [{ executionId: "102", run: changed }])[1]).toBe(changed);
  });

  it("keeps as many as can be chosen from", () => {
    const many = Array.from({ length: 40 }, (_, index) => {
      const id = String(200 + index);
      return { executionId: id, run: run(id) };
    });
    const merged = mergeRuns(runs, many);
    expect(merged).toHaveLength(20);
    expect(merged[0]?.executionId).toBe("239");
  });
});
