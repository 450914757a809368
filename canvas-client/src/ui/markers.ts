import { formatBytes } from "./format";

/** What stands in a text for what is not there any more, and who took it away. */

export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "redacted"; readonly text: string; readonly rule: string | null }
  | { readonly kind: "truncated"; readonly text: string };

/** Markers of redaction, and how instrumentations say that they cut a value short. */
const MARKERS =
  /\[REDACTED(?::([a-z0-9][a-z0-9-]*))?\]|(?:…|\.{3})?\s?(?:\[[^\]\n]{0,40}truncated[^\]\n]{0,40}\]|\([^)\n]{0,40}truncated[^)\n]{0,40}\)|<[^>\n]{0,40}truncated[^>\n]{0,40}>)/gi;

export function hasMarker(text: string): boolean {
  return text.includes("[REDACTED") || /truncated/i.test(text);
}

/** The text in pieces; together they are the text again. */
export function splitMarkers(text: string): readonly Piece[] {
  if (!hasMarker(text)) return [{ kind: "text", text }];
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(MARKERS)) {
    if (match.index > at) pieces.push({ kind: "text", text: text.slice(at, match.index) });
    const [found, rule] = match;
    pieces.push(
      found.startsWith("[REDACTED")
        ? { kind: "redacted", text: found, rule: rule ?? null }
        : { kind: "truncated", text: found },
    );
    at = match.index + found.length;
  }
  if (at < text.length) pieces.push({ kind: "text", text: text.slice(at) });
  return pieces;
}

export function explainMarker(piece: Piece): string {
  if (piece.kind === "redacted") {
    const why = piece.rule === null ? "" : ` It matched the rule “${piece.rule}”.`;
    return `This was taken out before it was stored.${why} The value is kept nowhere and cannot be shown.`;
  }
  const bytes = /^… \[truncated: (\d+) bytes\]$/.exec(piece.text)?.[1];
  if (bytes !== undefined) {
    return `The whole text had ${formatBytes(Number(bytes))}. Only its beginning was stored: a text may have 1 MiB.`;
  }
  return "The value was longer. Whoever recorded it cut it short before it was sent here.";
}
