import type { SpanTree } from "./spanTree";

/** Ids of a span and of all below it that have children. */
export function subtreeKeys(tree: SpanTree, index: number): readonly string[] {
  const keys: string[] = [];
  const stack = [index];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const children = tree.childrenOf(at);
    if (children.length === 0) continue;
    keys.push(tree.get(at).spanId);
    for (const child of children) stack.push(child);
  }
  return keys;
}
