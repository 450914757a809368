import { expect, test } from "vitest";

import { elapsedMs, isUnfinished } from "./elapsed";

const now = Date.parse("2026-01-01T12:00:10Z");

test.each([
  [{ status: "SUCCEEDED", startedAt: "2026-01-01T12:00:00Z", durationMs: 3 }, 3],
  [{ status: "RUNNING", startedAt: "2026-01-01T12:00:00Z", durationMs: null }, 10_000],
  [{ status: "RUNNING", startedAt: "2026-01-01T12:00:11Z", durationMs: null }, 0],
  [{ status: "QUEUED", startedAt: null, durationMs: null }, null],
  [{ status: "ABANDONED", startedAt: "2026-01-01T12:00:00Z", durationMs: null }, null],
])("%j has taken %j ms", (run, expected) => {
  expect(elapsedMs(run, now)).toBe(expected);
});

test("what waits or runs is unfinished", () => {
  expect(["QUEUED", "RUNNING", "SUCCEEDED", "FAILED"].filter((status) => isUnfinished({ status }))).toEqual([
    "QUEUED",
    "RUNNING",
  ]);
});
