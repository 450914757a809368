/** What the Canvas tab keeps in the query string besides the execution and its span. */

/** Which of the two faces of a workflow is shown. */
export type CanvasFace = "graph" | "definition";

export const readFace = (params: URLSearchParams): CanvasFace =>
  params.get("view") === "definition" ? "definition" : "graph";

export function writeFace(params: URLSearchParams, face: CanvasFace): void {
  if (face === "definition") params.set("view", face);
  else params.delete("view");
}

/** A version other than the one that would be shown; null for that. */
export function readVersion(params: URLSearchParams): number | null {
  const version = Number(params.get("version"));
  return Number.isInteger(version) && version > 0 ? version : null;
}

/** A node without a span; one with a span is told by the span. */
export const readNode = (params: URLSearchParams): string | null => params.get("node");

/** Goes to where a node is written. */
export function writeDefinitionOf(params: URLSearchParams, nodeId: string): void {
  writeFace(params, "definition");
  params.set("node", nodeId);
}

/** For another version: what was selected is of a run of the one before. */
export function leaveRun(params: URLSearchParams): void {
  for (const name of ["execution", "span", "node"]) params.delete(name);
}
