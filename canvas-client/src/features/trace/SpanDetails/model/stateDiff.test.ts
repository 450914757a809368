import { describe, expect, it } from "vitest";

import { diffStates, readStateCopies } from "./stateDiff";

describe("readStateCopies", () => {
  it("reads copies that were sent as texts", () => {
    expect(
      readStateCopies({
        "orcheo.workflow.state.before": '{"a":1}',
        "orcheo.workflow.state.after": { a: 2 },
        "orcheo.workflow.state.truncated": true,
      }),
    ).toEqual({ before: { a: 1 }, after: { a: 2 }, redacted: false, truncated: true });
  });

  it("needs both", () => {
    expect(readStateCopies({ "orcheo.workflow.state.before": "{}" })).toBeNull();
    expect(readStateCopies({})).toBeNull();
  });
});

describe("diffStates", () => {
  it("tells what came, changed and went, in order", () => {
    const before = { a: 1, list: [1, 2, 3], gone: true, same: { x: 1 } };
    const after = { a: 2, list: [1, 5], same: { x: 1 }, came: { y: 1 } };
    expect(diffStates(before, after)).toEqual([
      { kind: "changed", path: "a", before: 1, after: 2 },
      { kind: "changed", path: "list[1]", before: 2, after: 5 },
      { kind: "removed", path: "list[2]", before: 3 },
      { kind: "removed", path: "gone", before: true },
      { kind: "added", path: "came", after: { y: 1 } },
    ]);
  });

  it("takes a list in the place of an object for a change", () => {
    expect(diffStates({ a: {} }, { a: [] })).toEqual([{ kind: "changed", path: "a", before: {}, after: [] }]);
  });

  it("takes 20,000 levels without recursion", () => {
    const nested = (value: unknown) => {
      let deep = value;
      for (let level = 0; level < 20_000; level += 1) deep = { d: deep };
      return deep;
    };
    expect(diffStates(nested(1), nested(2))).toHaveLength(1);
  });
});
