import { describe, expect, it } from "vitest";

import { depthWithin, flattenJson, jsonText, previewJson } from "./jsonRows";
import type { JsonFolding } from "./jsonRows";

const folding = (more: Partial<JsonFolding> = {}): JsonFolding => ({
  openDepth: 1,
  overrides: new Map(),
  whole: new Set(),
  ...more,
});

const drawn = (value: unknown, more?: Partial<JsonFolding>) =>
  flattenJson(value, folding(more)).map((row) => {
    const indent = "  ".repeat(row.depth);
    switch (row.kind) {
      case "branch":
        return `${indent}${row.open ? "v" : ">"} ${row.name ?? ""} (${row.size})`;
      case "string":
        return `${indent}${row.open ? "v" : ">"} ${row.name ?? ""} "`;
      case "leaf":
        return `${indent}${row.name ?? ""}=${JSON.stringify(row.value)}`;
      case "line":
        return `${indent}| ${row.lines.at(row.line)}`;
      case "more":
        return `${indent}+${row.hidden} ${row.what}`;
    }
  });

describe("flattenJson", () => {
  it("opens what is above the depth", () => {
    expect(drawn({ a: 1, b: { c: [true, null] }, d: {} })).toEqual(["a=1", "v b (1)", "  > c (2)", "d={}"]);
  });

  it("follows what the reader opened and closed", () => {
    const overrides = new Map([
      ["/b", false],
      ["/a", true],
    ]);
    expect(drawn({ a: [[1]], b: { c: 1 } }, { openDepth: 1, overrides })).toEqual(["v a (1)", "  > 0 (1)", "> b (1)"]);
  });

  it("tells apart names that look like paths", () => {
    const rows = flattenJson({ "a/b": { c: 1 }, a: { b: { c: 1 } } }, folding({ openDepth: 9 }));
    expect(new Set(rows.map(({ path }) => path)).size).toBe(rows.length);
  });

  it("shows a text of several lines below its name, without the empty line behind it", () => {
    expect(drawn({ code: "x\n  y\n" })).toEqual(['v code "', "  | x", "  |   y"]);
  });

  it("cuts long texts until all of them is asked for", () => {
    const text = Array.from({ length: 40 }, (_, line) => String(line)).join("\n");
    expect(drawn({ text }).at(-1)).toBe("  +28 lines");
    expect(drawn({ text })).toHaveLength(14);
    expect(drawn({ text }, { whole: new Set(["/text"]) })).toHaveLength(41);
  });

  it("cuts long lists until all of them is asked for", () => {
    const list = Array.from({ length: 2_000 }, (_, place) => place);
    expect(drawn(list).slice(-2)).toEqual(["499=499", "+1500 items"]);
    expect(drawn(list, { whole: new Set([""]) })).toHaveLength(2_000);
  });

  it("shows a value that is no object by itself", () => {
    expect(drawn(7)).toEqual(["=7"]);
    expect(drawn([])).toEqual(["=[]"]);
  });

  it("takes 20,000 levels without recursion", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 20_000; level += 1) deep = { deep };
    expect(flattenJson(deep, folding({ openDepth: Infinity }))).toHaveLength(20_000);
  });
});

describe("depthWithin", () => {
  it("opens as much as fits", () => {
    const value = { a: { b: [1, 2, 3] }, c: 1 };
    expect(depthWithin(value, 2)).toBe(0);
    expect(depthWithin(value, 3)).toBe(1);
    expect(depthWithin(value, 6)).toBe(3);
  });
});

describe("previewJson", () => {
  it("shortens what is in it", () => {
    expect(previewJson({ a: "x", b: [1, 2], c: { d: 1 }, e: {} })).toBe('{a: "x", b: [2], c: {…}, e: {}}');
    expect(
      previewJson(
        Array.from({ length: 50 }, () => 1_000_000),
        30,
      ),
    ).toBe("[1000000, 1000000, 1000000, …]");
  });
});

describe("jsonText", () => {
  it("leaves a text as it is", () => {
    expect(jsonText("a")).toBe("a");
    expect(jsonText({ a: 1 })).toBe('{\n  "a": 1\n}');
    expect(jsonText(undefined)).toBe("null");
  });
});
