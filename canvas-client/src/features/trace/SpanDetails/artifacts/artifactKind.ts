/** How an artifact can be looked at without a program of its own. */
export type ArtifactKind = "image" | "csv" | "json" | "html" | "markdown" | "text" | "none";

const BY_ENDING: Readonly<Record<string, ArtifactKind>> = {
  csv: "csv",
  tsv: "csv",
  json: "json",
  htm: "html",
  html: "html",
  md: "markdown",
  txt: "text",
  log: "text",
  yaml: "text",
  yml: "text",
  xml: "text",
};

const APPLICATION_TEXT =
  /^application\/(?:x-)?(?:yaml|xml|toml|sql|javascript|typescript|ndjson|x-ndjson|jsonl|sh)$|\+xml$/;

export function artifactKind(mediaType: string, name: string): ArtifactKind {
  const type = mediaType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type.startsWith("image/")) return "image";
  if (type === "text/csv" || type === "text/tab-separated-values") return "csv";
  if (type === "application/json" || type.endsWith("+json")) return "json";
  if (type === "text/html" || type === "application/xhtml+xml") return "html";
  if (type === "text/markdown") return "markdown";
  if (type.startsWith("text/") || APPLICATION_TEXT.test(type)) {
    return type === "text/plain" ? byEnding(name, "text") : "text";
  }
  // A producer that did not know better.
  return type === "application/octet-stream" || type === "" ? byEnding(name, "none") : "none";
}

function byEnding(name: string, otherwise: ArtifactKind): ArtifactKind {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return Object.hasOwn(BY_ENDING, ending) ? (BY_ENDING[ending] ?? otherwise) : otherwise;
}

/** Larger ones are only loaded when asked for: what is read as text also has to be laid out. */
export function previewLimit(kind: ArtifactKind): number {
  return kind === "image" || kind === "html" ? 10_000_000 : 1_000_000;
}

/** Of a larger one as much can be looked at instead. */
export const FIRST_BYTES = 256_000;
/** Nobody reads more in a browser. */
export const MOST_BYTES = 50_000_000;
