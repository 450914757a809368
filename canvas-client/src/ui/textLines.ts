/** Longer lines are laid out in parts: a browser measures a line as a whole. */
const LONGEST = 1_000;

/** Where a text is cut into the rows that a list can show one by one: at line ends, and within very long lines. */
export interface TextLines {
  readonly count: number;
  /** Without its line end. */
  readonly at: (row: number) => string;
}

/** Offsets only: the text itself is held once. */
export function textLines(text: string, longest = LONGEST): TextLines {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let at = 0; at <= text.length;) {
    const lineEnd = text.indexOf("\n", at);
    const end = lineEnd < 0 ? text.length : lineEnd;
    do {
      const part = end - at > longest ? wholeCharacters(text, at + longest) : end;
      starts.push(at);
      ends.push(part);
      at = part;
    } while (at < end);
    if (lineEnd < 0) break;
    at = end + 1;
  }
  return { count: starts.length, at: (row) => text.slice(starts[row], ends[row]) };
}

/** Not between the halves of a character outside of the basic plane. */
function wholeCharacters(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

export interface Cut {
  readonly text: string;
  /** What is left out; both 0 when nothing is. */
  readonly lines: number;
  readonly characters: number;
}

/** The beginning of a text, as far as it is worth showing unasked. */
export function cutText(text: string, lines = 12, characters = 2_400): Cut {
  let end = -1;
  for (let line = 0; line < lines; line += 1) {
    end = text.indexOf("\n", end + 1);
    if (end < 0) break;
  }
  // A few more are shorter than the button that would show them.
  if (end >= 0 && countLines(text, end + 1) <= 2) end = -1;
  let keep = end < 0 ? text.length : end;
  if (keep > characters * 1.2) keep = wholeCharacters(text, characters);
  if (keep === text.length) return { text, lines: 0, characters: 0 };
  return { text: text.slice(0, keep), lines: countLines(text, keep + 1), characters: text.length - keep };
}

/** Lines that begin at `from` or behind it. */
export function countLines(text: string, from = 0): number {
  let count = from < text.length ? 1 : 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < text.length - 1; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
