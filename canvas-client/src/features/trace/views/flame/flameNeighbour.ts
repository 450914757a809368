import type { SpanTree } from "../../model/spanTree";

/** Where an arrow key leads from a span; -1 where it leads nowhere. Without a span any arrow leads to the first root. */
export function flameNeighbour(tree: SpanTree, index: number, key: string): number {
  if (!["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) return -1;
  if (index < 0) return tree.roots[0] ?? -1;
  const siblings = tree.siblingsOf(index);
  switch (key) {
    case "ArrowUp":
      return tree.parentOf(index);
    case "ArrowDown":
      return tree.childrenOf(index)[0] ?? -1;
    case "ArrowLeft":
      return siblings[siblings.indexOf(index) - 1] ?? -1;
    case "ArrowRight":
      return siblings[siblings.indexOf(index) + 1] ?? -1;
    case "Home":
      return siblings[0] ?? -1;
    default:
      return siblings.at(-1) ?? -1;
  }
}
