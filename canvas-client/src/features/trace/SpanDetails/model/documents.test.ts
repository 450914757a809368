import { readDocuments } from "./documents";

describe("what a search found", () => {
  it("is read as OpenInference, LangChain and LlamaIndex write it", () => {
    const output = [
      { id: "a", content: "one", score: 0.9, metadata: '{"page":3}' },
      { page_content: "two", metadata: { source: "b.pdf" } },
      { node: { id_: "c", text: "three", metadata: {} }, score: 0.1 },
    ];
    expect(readDocuments("RETRIEVER", output)).toEqual([
      { id: "a", text: "one", score: 0.9, about: { page: 3 } },
      { id: null, text: "two", score: null, about: { source: "b.pdf" } },
      { id: "c", text: "three", score: 0.1, about: null },
    ]);
    expect(readDocuments("RERANKER", { documents: [{ content: "one" }] })).toHaveLength(1);
  });

  it("is nothing for other spans, and for other forms", () => {
    expect(readDocuments("TOOL", [{ content: "one" }])).toEqual([]);
    expect(readDocuments("RETRIEVER", [{ content: "one" }, { rows: 3 }])).toEqual([]);
    expect(readDocuments("RETRIEVER", "text")).toEqual([]);
    expect(readDocuments("RETRIEVER", null)).toEqual([]);
  });

  it("keeps the text when what is told about it cannot be read", () => {
    expect(readDocuments("RETRIEVER", [{ content: "one", metadata: "{broken" }])).toEqual([
      { id: null, text: "one", score: null, about: null },
    ]);
  });
});
