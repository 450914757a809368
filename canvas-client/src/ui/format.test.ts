import { describe, expect, it, test } from "vitest";

import {
  formatAgo,
  formatBytes,
  formatCompact,
  formatCost,
  formatCostSum,
  formatCount,
  formatDateTime,
  formatDateTimeExact,
  formatDuration,
  formatDurationExact,
  formatTokens,
  formatUnpriced,
  plural,
} from "./format";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("formatDuration", () => {
  test.each([
    [0, "0 ms"],
    [0.0000004, "1 ns"],
    [0.00025, "250 ns"],
    [0.0042, "4.20 µs"],
    [0.87, "870 µs"],
    [0.9996, "1.0 ms"],
    [5, "5.0 ms"],
    [9.996, "10.0 ms"],
    [12.34, "12.3 ms"],
    [99.96, "100 ms"],
    [870.4, "870 ms"],
    [999.6, "1.00 s"],
    [3_012, "3.01 s"],
    [17_440, "17.4 s"],
    [59_996, "1 m 00 s"],
    [72_000, "1 m 12 s"],
    [3_599_600, "1 h 00 m"],
    [7_500_000, "2 h 05 m"],
    [273_600_000, "3 d 04 h"],
    [-12.34, "−12.3 ms"],
  ])("%d ms is %s", (milliseconds, expected) => {
    expect(plain(formatDuration(milliseconds))).toBe(expected);
  });

  test.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY])("%s is nothing", (value) => {
    expect(formatDuration(value)).toBe("");
    expect(formatDurationExact(value)).toBe("");
    expect(formatCount(value)).toBe("");
    expect(formatCompact(value)).toBe("");
    expect(formatCost(value)).toBe("");
    expect(formatBytes(value)).toBe("");
  });

  it("says of a cost what it leaves out", () => {
    expect(formatCostSum({ costUsd: 0.5, unpriced: 0 })).toBe("$0.50");
    expect(formatUnpriced({ unpriced: 0 })).toBeUndefined();
    expect(plain(formatCostSum({ costUsd: 0.5, unpriced: 1_200 }))).toBe("≥ $0.50");
    expect(plain(formatUnpriced({ unpriced: 1_200 }) ?? "")).toBe(
      "without the cost of 1,200 tokens of models that have no price",
    );
    expect(formatCostSum({ costUsd: null, unpriced: 7 })).toBe("");
  });

  it("has all digits when asked", () => {
    expect(plain(formatDurationExact(3012.480123))).toBe("3,012.480123 ms");
  });
});

test.each([
  [812, "812"],
  [3_102, "3.1k"],
  [12_040, "12k"],
  [125_600, "126k"],
  [1_250_000, "1.25M"],
])("%d in a column is %s", (count, expected) => {
  expect(formatCompact(count)).toBe(expected);
});

test("a zero is no amount of tokens and no cost", () => {
  expect(formatTokens(0)).toBe("");
  expect(formatCost(0)).toBe("");
  expect(formatCount(0)).toBe("0");
});

test.each([
  [0.00001, "<$0.0001"],
  [0.0042, "$0.0042"],
  [0.12, "$0.12"],
  [0.1234, "$0.1234"],
  [1.284, "$1.28"],
  [1_234.5, "$1,234.50"],
])("%d dollars are %s", (usd, expected) => {
  expect(formatCost(usd)).toBe(expected);
});

test.each([
  [0, "0 B"],
  [512, "512 B"],
  [4_820, "4.8 kB"],
  [12_400, "12 kB"],
  [999_600, "1.0 MB"],
  [20_000_000, "20 MB"],
])("%d bytes are %s", (bytes, expected) => {
  expect(plain(formatBytes(bytes))).toBe(expected);
});

describe("dates", () => {
  const now = new Date(2026, 5, 15, 12, 0, 0).getTime();
  const at = (...parts: [number, number, number, number, number, number]) => new Date(...parts).toISOString();

  it("names only the part of a date that today does not give", () => {
    expect(formatDateTime(at(2026, 5, 15, 9, 3, 12), now)).toBe("09:03:12");
    expect(formatDateTime(at(2026, 1, 3, 9, 3, 12), now)).toBe("3 Feb 09:03:12");
    expect(formatDateTime(at(2025, 1, 3, 9, 3, 12), now)).toBe("3 Feb 2025 09:03:12");
  });

  it("has milliseconds and the offset when asked", () => {
    expect(formatDateTimeExact(at(2026, 1, 3, 9, 3, 12))).toMatch(/^3 Feb 2026 09:03:12\.000 UTC[+−]\d\d:\d\d$/);
  });

  it("reads nanoseconds", () => {
    expect(formatDateTimeExact("2026-01-31T12:00:00.123456789Z")).toContain(".123 ");
  });

  test.each([
    [0, "now"],
    [12, "12 s ago"],
    [300, "5 m ago"],
    [10_800, "3 h ago"],
    [172_800, "2 d ago"],
  ])("%d seconds back is %s", (seconds, expected) => {
    expect(plain(formatAgo(new Date(now - seconds * 1_000).toISOString(), now))).toBe(expected);
  });

  it("says nothing about what is no date", () => {
    expect(formatAgo("soon")).toBe("");
    expect(formatDateTime(null)).toBe("");
  });
});

test("one is singular", () => {
  expect(plain(plural(1, "span"))).toBe("1 span");
  expect(plain(plural(1_200, "span"))).toBe("1,200 spans");
  expect(plain(plural(2, "entry", "entries"))).toBe("2 entries");
});
