/** What a search for documents found, best first as its producer says. */

export interface FoundDocument {
  readonly id: string | null;
  readonly text: string;
  readonly score: number | null;
  /** What else is told of it; null when that is nothing. */
  readonly about: object | null;
}

type Fields = Readonly<Record<string, unknown>>;

const SEARCHING = new Set(["RETRIEVER", "RERANKER"]);

/** Empty for a span that is no search, and for answers of another form. */
export function readDocuments(category: string, output: unknown): readonly FoundDocument[] {
  if (!SEARCHING.has(category)) return [];
  const list = isFields(output) ? output.documents : output;
  const documents = Array.isArray(list) ? list.map(readDocument) : [];
  return documents.every((document) => document !== null) ? documents : [];
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** As OpenInference, LangChain and LlamaIndex write them. */
function readDocument(value: unknown): FoundDocument | null {
  if (!isFields(value)) return null;
  const inner = isFields(value.document) ? value.document : isFields(value.node) ? value.node : value;
  const written = text(inner.content) ?? text(inner.page_content) ?? text(inner.pageContent) ?? text(inner.text);
  if (written === null) return null;
  const score = value.score ?? inner.score ?? value.relevance_score;
  return {
    id: text(inner.id) ?? text(inner.id_),
    text: written,
    score: typeof score === "number" ? score : null,
    about: readAbout(inner.metadata),
  };
}

function readAbout(value: unknown): object | null {
  if (isFields(value)) return Object.keys(value).length > 0 ? value : null;
  if (typeof value !== "string" || !value.startsWith("{")) return null;
  try {
    return readAbout(JSON.parse(value));
  } catch {
    return null;
  }
}
