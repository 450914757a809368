import { LineCounter, isNode, parseDocument } from "yaml";

/** Something wrong with a text, and where: line and column from 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** Where in the document, for example `nodes[2].retry`. */
  readonly path: string;
}

export const isJson = (text: string): boolean => /^\s*[{[]/.test(text);

/** More are of no help: after the first mistake the rest is often only its consequence. */
const MOST = 50;

/** What can be told without the server: whether it is YAML or JSON at all. */
export function syntaxProblems(text: string): readonly Problem[] {
  const { errors } = parseDocument(text, { prettyErrors: true, logLevel: "error" });
  return distinct(
    errors.map(({ message, linePos }) => ({
      line: linePos?.[0].line ?? 1,
      column: linePos?.[0].col ?? 1,
      // The first line says it; the others draw the place.
      message: (message.split("\n")[0] ?? message).replace(/ at line \d+, column \d+:?$/, ""),
      path: "",
    })),
  ).slice(0, MOST);
}

/** One mistake may be found more than once. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return Array.from(new Map(problems.map((problem) => [keyOf(problem), problem])).values());
}

export const keyOf = ({ line, column, message, path }: Problem): string => `${line}:${column}:${path}:${message}`;

/** Where in the text something of the document is written; null when it is not there. */
export function offsetOf(text: string, path: readonly (string | number)[]): number | null {
  const document = parseDocument(text, { lineCounter: new LineCounter(), logLevel: "silent" });
  const found = document.getIn(path, true);
  return isNode(found) ? (found.range?.[0] ?? null) : null;
}

/** The offset of a line and column, at the nearest place there is: columns count characters, offsets UTF-16 units. */
export function offsetAt(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at += 1) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  const characters = Array.from(text.slice(start, end < 0 ? undefined : end));
  return start + characters.slice(0, Math.max(0, column - 1)).join("").length;
}
