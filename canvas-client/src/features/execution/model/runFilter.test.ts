import { describe, expect, it, test } from "vitest";

import {
  ANY_RUN,
  apiFilter,
  fromLocalInput,
  isRestricted,
  matchesFilter,
  readRunFilter,
  toLocalInput,
  writeRunFilter,
} from "./runFilter";
import type { RunFilter } from "./runFilter";

const [from, to] = [Date.parse("2026-01-01T10:00:00Z"), Date.parse("2026-01-01T12:00:00Z")];

describe("in the address", () => {
  test.each<RunFilter>([
    ANY_RUN,
    { ...ANY_RUN, statuses: ["RUNNING", "FAILED"], since: "7d" },
    { ...ANY_RUN, since: "1h" },
    { ...ANY_RUN, from },
    { ...ANY_RUN, from, to },
  ])("%j survives", (filter) => {
    const params = new URLSearchParams("execution=1");
    writeRunFilter(params, filter);
    expect(readRunFilter(params)).toEqual(filter);
    expect(params.get("execution")).toBe("1");
  });

  it("what is wrong does not restrict", () => {
    expect(readRunFilter(new URLSearchParams("runStatus=failed,nonsense&runSince=toString&runFrom=noon"))).toEqual({
      ...ANY_RUN,
      statuses: ["FAILED"],
    });
  });

  it("what no longer restricts goes", () => {
    const params = new URLSearchParams("runStatus=failed&runSince=1h&runFrom=2026-01-01&runTo=2026-01-02");
    writeRunFilter(params, ANY_RUN);
    expect(params.toString()).toBe("");
  });
});

describe("an execution", () => {
  const now = Date.parse("2026-01-02T00:00:00Z");
  const run = { status: "FAILED", queuedAt: "2026-01-01T12:00:00Z" } as const;

  it("is heard of if the API would list it", () => {
    expect(matchesFilter(run, ANY_RUN, now)).toBe(true);
    expect(matchesFilter(run, { ...ANY_RUN, statuses: ["FAILED"], since: "24h" }, now)).toBe(true);
    expect(matchesFilter(run, { ...ANY_RUN, statuses: ["RUNNING"] }, now)).toBe(false);
    expect(matchesFilter(run, { ...ANY_RUN, since: "1h" }, now)).toBe(false);
  });

  it("belongs to a range from its begin, and not at its end", () => {
    const during = { ...ANY_RUN, from, to: Date.parse(run.queuedAt) };
    expect(matchesFilter(run, { ...during, to: null }, now)).toBe(true);
    expect(matchesFilter(run, during, now)).toBe(false);
    expect(matchesFilter(run, { ...during, from: during.to, to: null }, now)).toBe(true);
    expect(apiFilter("w", during, now)).toEqual({
      workflowId: "w",
      queuedSince: "2026-01-01T10:00:00.000Z",
      queuedBefore: "2026-01-01T12:00:00.000Z",
    });
  });

  it("is asked for by the same restrictions", () => {
    expect(apiFilter("w", ANY_RUN, now)).toEqual({ workflowId: "w" });
    expect(apiFilter("w", { ...ANY_RUN, statuses: ["FAILED"], since: "24h" }, now)).toEqual({
      workflowId: "w",
      status: ["FAILED"],
      queuedSince: "2026-01-01T00:00:00.000Z",
    });
  });
});

test("only what restricts counts as a filter", () => {
  expect(isRestricted(ANY_RUN)).toBe(false);
  expect(isRestricted({ ...ANY_RUN, since: "1h" })).toBe(true);
});

test("a field for a time speaks of the reader's time zone, to the minute", () => {
  const noon = new Date(2026, 0, 2, 12, 5).getTime();
  expect(toLocalInput(noon)).toBe("2026-01-02T12:05");
  expect(fromLocalInput("2026-01-02T12:05")).toBe(noon);
  expect(toLocalInput(null)).toBe("");
  expect(fromLocalInput("")).toBeNull();
});
