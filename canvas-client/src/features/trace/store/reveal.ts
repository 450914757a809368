import { isExpanded, type Expansion } from "../model/expansion";
import { groupSiblings } from "../model/siblings";
import type { SpanTree } from "../model/spanTree";

/** Keys of the folded rows that hide a span: its ancestors, and the groups that they or it are in. */
export function unfoldingsFor(
  tree: SpanTree,
  spanId: string,
  expansion: Expansion,
  groupOver: number,
): readonly string[] {
  const keys: string[] = [];
  let level = tree.depthOf(Math.max(0, tree.indexOf(spanId)));
  for (let at = tree.indexOf(spanId); at >= 0; at = tree.parentOf(at), level -= 1) {
    const group = groupSiblings(tree, tree.siblingsOf(at), groupOver).find(
      (entry) => typeof entry !== "number" && entry.members.includes(at),
    );
    if (group !== undefined && typeof group !== "number") {
      const open =
        group.kind === "attempts"
          ? (expansion.overrides.get(group.key) ?? true)
          : isExpanded(expansion, group.key, level);
      if (!open) keys.push(group.key);
    }
    const parent = tree.parentOf(at);
    if (parent >= 0 && !isExpanded(expansion, tree.get(parent).spanId, level)) keys.push(tree.get(parent).spanId);
  }
  return keys;
}
