/** The keys of the trace, in one place: the help lists them, and type-ahead in the tree does not begin with them. */
export const TRACE_KEYS = {
  search: "/",
  nextError: "e",
  previousError: "shift+e",
  nextModelCall: "l",
  fit: "f",
  zoomIn: "+",
  zoomOut: "-",
  resetZoom: "0",
  panLeft: "shift+arrowleft",
  panRight: "shift+arrowright",
  timeMode: "t",
  criticalPath: "p",
  copyLink: "c",
  toggleSubtree: "x",
  toggleDetails: "]",
  toNode: "g",
  follow: "j",
} as const;

const letters: ReadonlySet<string> = new Set(Object.values(TRACE_KEYS).filter((keys) => keys.length === 1));

export function isShortcutLetter(letter: string): boolean {
  return letters.has(letter.toLowerCase());
}
