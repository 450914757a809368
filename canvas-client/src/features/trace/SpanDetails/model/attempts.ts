import type { SpanRecord } from "../../model/span";
import type { SpanTree } from "../../model/spanTree";

interface Tried {
  readonly spanId: string;
  readonly nodeId?: string | null | undefined;
  readonly iteration?: number | null | undefined;
}

/** The attempts at the same visit of the same node, the span itself included, in order of their starts. */
export function attemptsOf(tree: SpanTree, { spanId, nodeId, iteration }: Tried): readonly SpanRecord[] {
  const index = tree.indexOf(spanId);
  if (index < 0 || !nodeId) return [];
  return tree
    .siblingsOf(index)
    .map((sibling) => tree.get(sibling))
    .filter((sibling) => sibling.nodeId === nodeId && sibling.iteration === (iteration ?? null));
}
