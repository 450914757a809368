import type { Expansion } from "../model/expansion";
import { groupSiblings, type SiblingGroup } from "../model/siblings";
import type { SpanTree } from "../model/spanTree";

/** Keys of the rows that may hide a span, unless the reader unfolded them: its ancestors, and the groups that they or it are in. */
export function unfoldingsFor(
  tree: SpanTree,
  spanId: string,
  { depth, overrides }: Expansion,
  groupOver: number,
): readonly string[] {
  const keys: string[] = [];
  for (let at = tree.indexOf(spanId); at >= 0; at = tree.parentOf(at)) {
    const group = groupOf(tree, at, groupOver);
    if (group !== undefined && !(overrides.get(group.key) ?? group.kind === "attempts")) keys.push(group.key);
    const parent = tree.parentOf(at);
    if (parent < 0) break;
    const parentId = tree.get(parent).spanId;
    // Groups add levels, so that a depth cannot be told from the tree alone.
    if (!(overrides.get(parentId) ?? depth === Infinity)) keys.push(parentId);
  }
  return keys;
}

function groupOf(tree: SpanTree, index: number, groupOver: number): SiblingGroup | undefined {
  return groupSiblings(tree, tree.siblingsOf(index), groupOver).find(
    (entry): entry is SiblingGroup => typeof entry !== "number" && entry.members.includes(index),
  );
}
