import { textLines } from "./textLines";
import type { TextLines } from "./textLines";

/** A JSON value as the rows of a tree: flat, so that a list of any length can be shown by the rows in view. */

interface Placed {
  /** A JSON pointer, unique among the rows. */
  readonly path: string;
  /** From 0. */
  readonly depth: number;
  /** From 1. */
  readonly position: number;
  readonly setSize: number;
}

export type JsonRow = Placed &
  (
    | {
        readonly kind: "branch";
        readonly name: Name;
        readonly value: Container;
        readonly size: number;
        readonly open: boolean;
      }
    | { readonly kind: "leaf"; readonly name: Name; readonly value: unknown }
    /** A text of several lines or too long for one. */
    | { readonly kind: "string"; readonly name: Name; readonly value: string; readonly open: boolean }
    /** One line of the text above it. */
    | { readonly kind: "line"; readonly lines: TextLines; readonly line: number }
    /** Stands for what is not shown of the row at `of`. */
    | { readonly kind: "more"; readonly of: string; readonly hidden: number; readonly what: "items" | "lines" }
  );

export type Name = string | number | null;
type Container = readonly unknown[] | Readonly<Record<string, unknown>>;

export interface JsonFolding {
  /** Branches above this depth are open. */
  readonly openDepth: number;
  /** What the reader opened and closed, by path. */
  readonly overrides: ReadonlyMap<string, boolean>;
  /** Rows of which everything is shown, by path. */
  readonly whole: ReadonlySet<string>;
}

const ITEMS_AT_FIRST = 500;
const LINES_AT_FIRST = 12;
/** Longer strings get rows of their own. */
const LONGEST_IN_LINE = 100;

export const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

export const sizeOf = (value: Container): number => (Array.isArray(value) ? value.length : Object.keys(value).length);

interface Frame {
  readonly path: string;
  readonly depth: number;
  readonly container: Container;
  readonly names: readonly string[] | null;
  readonly size: number;
  readonly shown: number;
  next: number;
}

/** `linesOf` may remember its answers: a long text is cut once then. */
export function flattenJson(
  value: unknown,
  folding: JsonFolding,
  linesOf: (path: string, text: string) => TextLines = (_, text) => textLines(text),
): JsonRow[] {
  const rows: JsonRow[] = [];
  const frames: Frame[] = [];
  const enter = (path: string, depth: number, container: Container) => {
    const names = Array.isArray(container) ? null : Object.keys(container);
    const size = names?.length ?? (container as readonly unknown[]).length;
    const shown = size <= ITEMS_AT_FIRST || folding.whole.has(path) ? size : ITEMS_AT_FIRST;
    frames.push({ path, depth, container, names, size, shown, next: 0 });
  };
  const add = (placed: Placed, name: Name, item: unknown) => {
    const { path, depth } = placed;
    const open = folding.overrides.get(path) ?? depth < folding.openDepth;
    if (isContainer(item) && sizeOf(item) > 0) {
      rows.push({ ...placed, kind: "branch", name, value: item, size: sizeOf(item), open });
      if (open) enter(path, depth + 1, item);
    } else if (typeof item === "string" && (item.length > LONGEST_IN_LINE || item.includes("\n"))) {
      rows.push({ ...placed, kind: "string", name, value: item, open });
      if (open) addLines(rows, path, depth + 1, linesOf(path, item), folding.whole.has(path));
    } else {
      rows.push({ ...placed, kind: "leaf", name, value: item });
    }
  };

  if (isContainer(value) && sizeOf(value) > 0) enter("", 0, value);
  else add({ path: "", depth: 0, position: 1, setSize: 1 }, null, value);
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const { path, depth, names, size, shown } = frame;
    if (frame.next === shown) {
      frames.pop();
      if (shown < size) {
        const placed = { path: `${path}/#more`, depth, position: shown + 1, setSize: size };
        rows.push({ ...placed, kind: "more", of: path, hidden: size - shown, what: "items" });
      }
      continue;
    }
    const at = frame.next++;
    const name = names?.[at] ?? at;
    const item = (frame.container as Readonly<Record<string | number, unknown>>)[name];
    const escaped = typeof name === "number" ? name : name.replaceAll("~", "~0").replaceAll("/", "~1");
    add({ path: `${path}/${escaped}`, depth, position: at + 1, setSize: size }, name, item);
  }
  return rows;
}

function addLines(rows: JsonRow[], path: string, depth: number, lines: TextLines, whole: boolean): void {
  // A text that ends with a line end has no line behind it.
  const count = lines.count > 1 && lines.at(lines.count - 1) === "" ? lines.count - 1 : lines.count;
  // One or two more are shorter than the row that would show them.
  const shown = whole || count <= LINES_AT_FIRST + 2 ? count : LINES_AT_FIRST;
  for (let line = 0; line < shown; line += 1) {
    const placed = { path: `${path}/#${line}`, depth, position: line + 1, setSize: count };
    rows.push({ ...placed, kind: "line", lines, line });
  }
  if (shown < count) {
    const placed = { path: `${path}/#more`, depth, position: shown + 1, setSize: count };
    rows.push({ ...placed, kind: "more", of: path, hidden: count - shown, what: "lines" });
  }
}

/** How deep a value can be opened without showing more than `rows` rows; always the first level. */
export function depthWithin(value: unknown, rows: number): number {
  let level: Container[] = isContainer(value) ? [value] : [];
  let count = level.reduce((sum, container) => sum + sizeOf(container), 0);
  let depth = 0;
  while (level.length > 0) {
    const next: Container[] = [];
    for (const container of level) {
      for (const item of Object.values(container)) if (isContainer(item) && sizeOf(item) > 0) next.push(item);
      if (next.length > rows) return depth;
    }
    for (const container of next) count += sizeOf(container);
    if (count > rows) return depth;
    depth += 1;
    level = next;
  }
  return depth;
}

/** The beginning of a value on one line: `{category: "billing", items: [3], …}`. */
export function previewJson(value: Container, longest = 80): string {
  const isArray = Array.isArray(value);
  const parts: string[] = [];
  let length = 2;
  let left = false;
  for (const [name, item] of Object.entries(value).slice(0, 20)) {
    const part = isArray ? shortValue(item) : `${name}: ${shortValue(item)}`;
    length += part.length + 2;
    if (length > longest && parts.length > 0) {
      left = true;
      break;
    }
    parts.push(part);
  }
  if (left || sizeOf(value) > 20) parts.push("…");
  const inside = parts.join(", ");
  return isArray ? `[${inside}]` : `{${inside}}`;
}

function shortValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 32 ? `${value.slice(0, 32)}…` : value);
  if (!isContainer(value)) return String(value);
  return Array.isArray(value) ? `[${sizeOf(value)}]` : `{${sizeOf(value) > 0 ? "…" : ""}}`;
}

/** As it is put on the clipboard: a text as it is, all else as indented JSON. */
export const jsonText = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? null, null, 2);
