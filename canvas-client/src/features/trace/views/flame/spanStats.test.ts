import { expect, it } from "vitest";

import { buildSpanTree } from "../../model/applySpans";
import { failure, span } from "../../model/testing";
import { spanStats } from "./spanStats";

it("sums what spans of one name took, the most own time first", () => {
  const tree = buildSpanTree([
    span("root", null, { displayName: "run", startMs: 0, durationMs: 100, category: "WORKFLOW" }),
    span("a", "root", { displayName: "step", startMs: 0, durationMs: 30 }),
    span("b", "root", { displayName: "step", startMs: 40, durationMs: 50, ...failure }),
  ]);
  expect(spanStats(tree, 0)).toMatchObject([
    { name: "step", count: 2, errors: 1, totalMs: 80, ownMs: 80, longestMs: 50, span: tree.indexOf("b") },
    { name: "run", count: 1, errors: 0, totalMs: 100, ownMs: 20 },
  ]);
});
