import { expect, it } from "vitest";

import { axisTicks, gridlines } from "./gridlines";

const scale = (endMs: number, width: number) => ({ window: { startMs: 0, endMs }, width });
const axis = { zeroMs: 0, timeMode: "relative", originMs: 0 } as const;
const labels = (endMs: number, width: number) =>
  axisTicks(scale(endMs, width), axis).map(({ label, flipped }) => (flipped ? `<${label}` : label));

it("tells the times of the axis, the last one before its line where there is no room behind it", () => {
  expect(labels(1_000, 500)).toEqual(["0", "0.2 s", "0.4 s", "0.6 s", "0.8 s", "<1.0 s"]);
});

it("keeps two labels from running into each other at the edge", () => {
  expect(labels(79_000, 430)).toEqual(["0", "15 s", "30 s", "45 s", "1 m"]);
  expect(gridlines(scale(79_000, 430), 0, "relative")).toHaveLength(6);
});
