import { describe, expect, it, test } from "vitest";

import { draftOf, inputFields, parseDraft, parseInputs } from "./inputFields";

const field = (value: unknown) =>
  inputFields({ inputs: { it: value } })[0] ?? { name: "none", kind: "text" as const, initial: null };

describe("inputFields", () => {
  test.each([
    ["Ada", "text"],
    ["x".repeat(61), "longText"],
    ["two\nlines", "longText"],
    [3, "number"],
    [false, "boolean"],
    [["a"], "json"],
    [{ a: 1 }, "json"],
    [null, "json"],
  ])("a default of %j is asked for as %s", (value, kind) => {
    expect(field(value).kind).toBe(kind);
  });

  it("keeps the order of the definition", () => {
    expect(inputFields({ inputs: { b: 1, a: 2 } }).map(({ name }) => name)).toEqual(["b", "a"]);
  });

  it("starts from another run's inputs, with those that have no default last", () => {
    expect(inputFields({ inputs: { name: "Ada" } }, { extra: 1, name: "Grace" })).toEqual([
      { name: "name", kind: "text", initial: "Grace" },
      { name: "extra", kind: "number", initial: 1 },
    ]);
  });

  test.each([null, {}, { inputs: [] }, "text"])("%j has none", (definition) => {
    expect(inputFields(definition)).toEqual([]);
  });
});

describe("a draft", () => {
  test.each(["Ada", "", 3, -0.5, true, ["a", 1], { a: { b: null } }, null])("of %j gives it back", (value) => {
    expect(parseDraft(field(value), draftOf(field(value)))).toEqual({ value });
  });

  test.each([
    [1, "", "This is not a number."],
    [1, "twelve", "This is not a number."],
    [[], "", "A JSON value is missing."],
  ])("for %j of %j says what is wrong", (initial, draft, problem) => {
    expect(parseDraft(field(initial), draft)).toEqual({ problem });
  });
});

describe("parseInputs", () => {
  it("takes an object and nothing else", () => {
    expect(parseInputs('{"a": 1}')).toEqual({ value: { a: 1 } });
    expect(parseInputs("[1]").problem).toMatch(/have to be an object/);
  });

  it("says where the text stops being JSON", () => {
    expect(parseInputs('{\n  "a": x\n}').problem).toMatch(/^This is not JSON(: line 2, column 8)?\.$/);
  });
});
