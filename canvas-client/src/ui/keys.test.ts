import { describe, expect, it, test } from "vitest";

import { keyCaps, matchesKeys } from "./keys";

const press = (key: string, init: KeyboardEventInit = {}) => new KeyboardEvent("keydown", { key, ...init });

describe("matchesKeys", () => {
  test.each([
    ["k", press("k"), true],
    ["k", press("K", { shiftKey: true }), false],
    ["k", press("k", { ctrlKey: true }), false],
    ["mod+k", press("k", { ctrlKey: true }), true],
    ["shift+e", press("E", { shiftKey: true }), true],
    ["shift+e", press("e"), false],
    ["?", press("?", { shiftKey: true }), true],
    ["?", press("?"), true],
    ["+", press("+"), true],
    ["mod++", press("+", { ctrlKey: true }), true],
    ["alt+1", press("¡", { altKey: true, code: "Digit1" }), true],
    ["space", press(" "), true],
    ["arrowdown", press("ArrowDown"), true],
    ["arrowdown", press("ArrowDown", { shiftKey: true }), false],
  ])("%s", (keys, event, expected) => {
    expect(matchesKeys(event, keys)).toBe(expected);
  });
});

describe("keyCaps", () => {
  it("names keys as they are printed", () => {
    expect(keyCaps("mod+shift+k")).toEqual(["Ctrl", "Shift", "K"]);
    expect(keyCaps("escape")).toEqual(["Esc"]);
    expect(keyCaps("mod++")).toEqual(["Ctrl", "+"]);
  });
});
