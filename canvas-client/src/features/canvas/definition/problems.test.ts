import { describe, expect, it, test } from "vitest";

import { isJson, keyOf, offsetAt, offsetOf, syntaxProblems } from "./problems";

describe("syntaxProblems", () => {
  test.each(["a: 1\nb: [1, 2]\n", '{"a": [1]}', "", "# only a comment"])("finds nothing wrong with %j", (text) => {
    expect(syntaxProblems(text)).toEqual([]);
  });

  it("tells line and column, without the drawing of the place", () => {
    const [problem] = syntaxProblems("a: 1\nb: [1, 2\n");
    expect(problem).toMatchObject({ line: 3, path: "" });
    expect(problem?.message).not.toContain("\n");
    expect(problem?.message).not.toMatch(/line \d/);
  });

  it("tells each mistake once", () => {
    const problems = syntaxProblems("edges: [1]\nedges: [[a, b\n  c: {\n");
    expect(problems.length).toBeGreaterThan(0);
    expect(new Set(problems.map(keyOf)).size).toBe(problems.length);
  });
});

describe("isJson", () => {
  test.each([
    ['  {"a": 1}', true],
    ["[1]", true],
    ["a: {b: 1}", false],
    ["", false],
  ])("%j: %j", (text, expected) => {
    expect(isJson(text)).toBe(expected);
  });
});

describe("offsetAt", () => {
  const text = "ab\n😀d\n\nlast";

  test.each([
    [1, 1, "ab"],
    [1, 2, "b\n"],
    [2, 1, "😀d"],
    [2, 2, "d\n"],
    [3, 1, "\nlast"],
    [4, 5, ""],
    [2, 99, "\n\nlast"],
    [99, 1, ""],
    [0, 0, "ab"],
  ])("line %i, column %i is at %j", (line, column, rest) => {
    expect(text.slice(offsetAt(text, line, column)).startsWith(rest)).toBe(true);
    if (rest === "") expect(offsetAt(text, line, column)).toBe(text.length);
  });
});

describe("offsetOf", () => {
  const text = "id: x\nnodes:\n  - name: a\n  - name: b\n    body: {name: c}\n";

  it("finds where something is written", () => {
    expect(text.slice(offsetOf(text, ["nodes", 1]) ?? 0).startsWith("name: b")).toBe(true);
    expect(text.slice(offsetOf(text, ["nodes", 1, "body"]) ?? 0).startsWith("{name: c}")).toBe(true);
    expect(offsetOf('{"nodes": [{"name": "a"}]}', ["nodes", 0])).toBe(11);
  });

  it("is nothing where nothing is written", () => {
    expect(offsetOf(text, ["nodes", 7])).toBeNull();
    expect(offsetOf("[", ["nodes", 0])).toBeNull();
  });
});
