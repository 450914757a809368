/** The server takes requests of up to 1 MiB; a definition of that size is somebody's mistake. */
export const LARGEST_FILE_BYTES = 1_000_000;

const stem = (fileName: string): string => fileName.replace(/\.[^.]+$/, "");

/**
 * The text to save for a file. A file without an `id` has its stem for one, as everywhere else. The id is added where no line
 * moves, so that the problems' places stay true.
 */
export function sourceOfFile(fileName: string, text: string): string {
  const id = JSON.stringify(stem(fileName));
  if (/^\s*\{/.test(text)) {
    try {
      const document = JSON.parse(text) as object;
      if ("id" in document) return text;
      const comma = Object.keys(document).length > 0 ? "," : "";
      return text.replace("{", () => `{"id": ${id}${comma}`);
    } catch {
      return text;
    }
  }
  if (/^(id|"id"|'id')\s*:/m.test(text)) return text;
  return `${text.trimEnd()}\nid: ${id}\n`;
}

/** The lines around a problem, with their numbers from 1. */
export function linesAround(source: string, line: number, around = 1): { number: number; text: string }[] {
  const lines = source.split(/\r?\n/);
  const first = Math.max(1, line - around);
  const last = Math.min(lines.length, line + around);
  return lines.slice(first - 1, last).map((text, index) => ({ number: first + index, text }));
}
