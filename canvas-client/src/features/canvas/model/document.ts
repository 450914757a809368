/** Careful steps into a document of unknown shape. */

export type DocumentObject = Readonly<Record<string, unknown>>;
export type Path = readonly (string | number)[];

export const isRecord = (value: unknown): value is DocumentObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** Numbers, true and false count as their text, as they do in a document's keys. */
export function text(value: unknown): string | null {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

/** Under which key the body of a node is written. */
export const SUBJECT_OF_BODY = { each: "body", workflow: "graph" } as const;
