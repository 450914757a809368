import { describe, expect, it, test } from "vitest";

import { apiFilter, isRestricted, matchesFilter, readRunFilter, writeRunFilter } from "./runFilter";
import type { RunFilter } from "./runFilter";

const none: RunFilter = { statuses: [], since: null };

describe("in the address", () => {
  test.each<RunFilter>([none, { statuses: ["RUNNING", "FAILED"], since: "7d" }, { statuses: [], since: "1h" }])(
    "%j survives",
    (filter) => {
      const params = new URLSearchParams("execution=1");
      writeRunFilter(params, filter);
      expect(readRunFilter(params)).toEqual(filter);
      expect(params.get("execution")).toBe("1");
    },
  );

  it("what is wrong does not restrict", () => {
    expect(readRunFilter(new URLSearchParams("runStatus=failed,nonsense&runSince=toString"))).toEqual({
      statuses: ["FAILED"],
      since: null,
    });
  });

  it("what no longer restricts goes", () => {
    const params = new URLSearchParams("runStatus=failed&runSince=1h");
    writeRunFilter(params, none);
    expect(params.toString()).toBe("");
  });
});

describe("an execution", () => {
  const now = Date.parse("2026-01-02T00:00:00Z");
  const run = { status: "FAILED", queuedAt: "2026-01-01T12:00:00Z" } as const;

  it("is heard of if the API would list it", () => {
    expect(matchesFilter(run, none, now)).toBe(true);
    expect(matchesFilter(run, { statuses: ["FAILED"], since: "24h" }, now)).toBe(true);
    expect(matchesFilter(run, { statuses: ["RUNNING"], since: null }, now)).toBe(false);
    expect(matchesFilter(run, { statuses: [], since: "1h" }, now)).toBe(false);
  });

  it("is asked for by the same restrictions", () => {
    expect(apiFilter("w", none, now)).toEqual({ workflowId: "w" });
    expect(apiFilter("w", { statuses: ["FAILED"], since: "24h" }, now)).toEqual({
      workflowId: "w",
      status: ["FAILED"],
      queuedSince: "2026-01-01T00:00:00.000Z",
    });
  });
});

test("only what restricts counts as a filter", () => {
  expect(isRestricted(none)).toBe(false);
  expect(isRestricted({ statuses: [], since: "1h" })).toBe(true);
});
