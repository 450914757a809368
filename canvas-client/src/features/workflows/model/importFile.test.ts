import { describe, expect, it, test } from "vitest";

import { linesAround, sourceOfFile } from "./importFile";

describe("sourceOfFile", () => {
  test.each(["id: a\nnodes: []\n", "nodes: []\n'id': a\n", '{"id": "a"}', '{"nodes": [', "{flow: yaml}"])(
    "%j is left as it is",
    (text) => {
      expect(sourceOfFile("hello.yaml", text)).toBe(text);
    },
  );

  it("gives YAML the stem of its name, below all other lines", () => {
    expect(sourceOfFile("my flow.v2.yaml", "nodes:\n  - id: inner\n")).toBe(
      'nodes:\n  - id: inner\nid: "my flow.v2"\n',
    );
  });

  it("gives JSON the stem of its name, on the line of its first brace", () => {
    expect(sourceOfFile("hello.json", '{\n  "nodes": []\n}')).toBe('{"id": "hello",\n  "nodes": []\n}');
    expect(sourceOfFile("$&.json", "{}")).toBe('{"id": "$&"}');
  });
});

describe("linesAround", () => {
  it("ends at the ends of the text", () => {
    expect(linesAround("a\nb\nc", 1)).toEqual([
      { number: 1, text: "a" },
      { number: 2, text: "b" },
    ]);
    expect(linesAround("a\r\nb\r\nc", 3)).toEqual([
      { number: 2, text: "b" },
      { number: 3, text: "c" },
    ]);
  });

  it("is empty beyond the text", () => {
    expect(linesAround("a", 9)).toEqual([]);
  });
});
