import { describe, expect, it } from "vitest";

import { countLines, cutText, textLines } from "./textLines";

const all = (text: string, longest?: number) => {
  const lines = textLines(text, longest);
  return Array.from({ length: lines.count }, (_, row) => lines.at(row));
};

describe("textLines", () => {
  it("cuts at line ends", () => {
    expect(all("a\n\nbc\n")).toEqual(["a", "", "bc", ""]);
    expect(all("")).toEqual([""]);
  });

  it("cuts very long lines, but no character", () => {
    expect(all("abcdefg\nh", 3)).toEqual(["abc", "def", "g", "h"]);
    expect(all("ab😀cd", 3)).toEqual(["ab", "😀c", "d"]);
  });

  it("loses nothing of a text of many lines", () => {
    const text = Array.from({ length: 5_000 }, (_, line) => "x".repeat(line % 70)).join("\n");
    expect(all(text).join("\n")).toBe(text);
  });
});

describe("cutText", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, line) => `line ${line}`).join("\n");

  it("keeps what is short", () => {
    expect(cutText(lines(12))).toMatchObject({ text: lines(12), characters: 0, lines: 0 });
  });

  it("keeps a line or two more instead of hiding them", () => {
    expect(cutText(lines(14)).characters).toBe(0);
  });

  it("says how many lines are left out", () => {
    const cut = cutText(lines(40));
    expect(cut.text).toBe(lines(12));
    expect(cut.lines).toBe(28);
  });

  it("cuts one endless line by its characters", () => {
    const cut = cutText("x".repeat(100_000));
    expect(cut.text).toHaveLength(2_400);
    expect(cut.characters).toBe(97_600);
  });
});

describe("countLines", () => {
  it.each([
    ["", 0],
    ["a", 1],
    ["a\nb", 2],
    ["a\nb\n", 2],
  ])("%j", (text, count) => {
    expect(countLines(text)).toBe(count);
  });
});
