import Papa from "papaparse";
import { describe, expect, it } from "vitest";

import { readCsv } from "./csv";

const read = (text: string) =>
  readCsv(text, (source) => Papa.parse<string[]>(source, { skipEmptyLines: "greedy" }).data);

describe("readCsv", () => {
  it("names columns by the first line and tells numbers from words", () => {
    const table = read('id,"name, full",total\n1,Ada,"1,200.50"\n2,,$3\n');
    expect(table?.columns.map(({ label, numeric }) => [label, numeric])).toEqual([
      ["id", true],
      ["name, full", false],
      ["total", true],
    ]);
    expect(table?.rows).toEqual([
      ["1", "Ada", "1,200.50"],
      ["2", "", "$3"],
    ]);
  });

  it("has a column for values beyond the first line", () => {
    expect(read("a\n1,2,3\n")?.columns.map(({ label }) => label)).toEqual(["a", "", ""]);
  });

  it("is no table without a second line", () => {
    expect(read("a,b")).toBeNull();
    expect(read("")).toBeNull();
  });

  it("keeps columns within limits", () => {
    const widths = read(`a,b\n1,${"x".repeat(1_000)}`)?.columns.map(({ width }) => width);
    expect(widths).toEqual([64, 320]);
  });
});
