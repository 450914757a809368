import { describe, expect, it } from "vitest";

import { aRun, anUpdate } from "../testing";
import { appendPage, applyUpdate } from "./runList";
import type { RunList } from "./runList";

const list = (next: string | null, ...ids: string[]): RunList => ({ runs: ids.map((id) => aRun(id)), next });
const ids = ({ runs }: RunList) => runs.map(({ executionId }) => executionId);
const all = () => true;

describe("applyUpdate", () => {
  it("puts a new run first and a changed one in its place", () => {
    expect(ids(applyUpdate(list(null, "2", "1"), anUpdate("CREATED", aRun("3")), all))).toEqual(["3", "2", "1"]);
    const changed = applyUpdate(list(null, "2", "1"), anUpdate("CHANGED", aRun("1", { status: "FAILED" })), all);
    expect(changed.runs.map(({ status }) => status)).toEqual(["SUCCEEDED", "FAILED"]);
  });

  it("leaves out what does not match, also when it matched before", () => {
    const failed = ({ status }: { status: string }) => status === "FAILED";
    const before = list(null, "2");
    expect(applyUpdate(before, anUpdate("CREATED", aRun("3")), failed)).toBe(before);
    expect(ids(applyUpdate(before, anUpdate("CHANGED", aRun("2")), failed))).toEqual([]);
  });

  it("takes a deleted run away", () => {
    expect(ids(applyUpdate(list(null, "2", "1"), anUpdate("DELETED", aRun("2")), all))).toEqual(["1"]);
  });

  it("leaves a run of a later page to that page", () => {
    const partly = list("cursor", "5", "4");
    expect(applyUpdate(partly, anUpdate("CHANGED", aRun("1")), all)).toBe(partly);
    expect(ids(applyUpdate(list(null, "5", "4"), anUpdate("CHANGED", aRun("1")), all))).toEqual(["5", "4", "1"]);
  });
});

describe("appendPage", () => {
  it("adds what is not there and keeps what is newer", () => {
    const before: RunList = { runs: [aRun("5"), aRun("4", { status: "CANCELLED" })], next: "a" };
    const after = appendPage(before, list("b", "4", "3"));
    expect(ids(after)).toEqual(["5", "4", "3"]);
    expect(after.runs[1]?.status).toBe("CANCELLED");
    expect(after.next).toBe("b");
  });
});
