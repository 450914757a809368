import { describe, expect, it } from "vitest";

import { attributeTree, groupAttributes } from "./attributes";

const ATTRIBUTES = { "http.method": "GET", "gen_ai.request.model": "m", plain: 1, "gen_ai.usage.input_tokens": 37 };

describe("groupAttributes", () => {
  it("groups by the first part of the key, in the order of the alphabet", () => {
    expect(groupAttributes(ATTRIBUTES).map(({ prefix, rows }) => [prefix, rows.map(({ key }) => key)])).toEqual([
      ["gen_ai", ["gen_ai.request.model", "gen_ai.usage.input_tokens"]],
      ["http", ["http.method"]],
      ["", ["plain"]],
    ]);
  });

  it.each([
    ["USAGE", ["gen_ai.usage.input_tokens"]],
    ["get", ["http.method"]],
    ["37", ["gen_ai.usage.input_tokens"]],
    ["nothing", []],
  ])("finds %s in keys and values", (filter, keys) => {
    expect(groupAttributes(ATTRIBUTES, filter).flatMap(({ rows }) => rows.map(({ key }) => key))).toEqual(keys);
  });
});

describe("attributeTree", () => {
  it.each([
    ['[{"a":1}]', [{ a: 1 }]],
    [{ a: 1 }, { a: 1 }],
    ["[not json", null],
    ["plain", null],
    [7, null],
    [null, null],
  ])("of %j", (value, tree) => {
    expect(attributeTree(value)).toEqual(tree);
  });
});
