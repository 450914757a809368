import { failed } from "./span";
import type { SpanTree } from "./spanTree";

/** The span after this one in the order of the unfolded tree; -1 at the end. From -1 the first. */
function following(tree: SpanTree, index: number): number {
  if (index < 0) return tree.roots[0] ?? -1;
  const [child] = tree.childrenOf(index);
  return child ?? afterSubtree(tree, index);
}

function afterSubtree(tree: SpanTree, index: number): number {
  for (let at = index; at >= 0; at = tree.parentOf(at)) {
    const siblings = tree.siblingsOf(at);
    const next = siblings[placeOf(tree, siblings, at) + 1];
    if (next !== undefined) return next;
  }
  return -1;
}

/** Siblings are in order, so that a span is found by halving. */
function placeOf(tree: SpanTree, siblings: readonly number[], index: number): number {
  let [low, high] = [0, siblings.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tree.compare(siblings[middle]!, index) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The next failed span in the order of the tree, without looking into subtrees that hold none; -1 after the last. */
function errorAfter(tree: SpanTree, index: number): number {
  let at = index < 0 || tree.errorsBelow(index) > 0 ? following(tree, index) : afterSubtree(tree, index);
  while (at >= 0 && !failed(tree.get(at))) {
    at = tree.errorsBelow(at) > 0 ? following(tree, at) : afterSubtree(tree, at);
  }
  return at;
}

/**
 * The failure to look at first: the cause rather than those who passed it on, that is the first failed span without a failed one
 * below it. -1 when nothing failed.
 */
export function firstError(tree: SpanTree): number {
  for (let at = errorAfter(tree, -1); at >= 0; at = errorAfter(tree, at)) if (tree.errorsBelow(at) === 0) return at;
  return -1;
}

/** The failed span after (or before) this one in the order of the tree, starting over at the end; -1 when nothing failed. */
export function nextError(tree: SpanTree, from: number, backwards: boolean): number {
  if (!backwards) {
    const next = errorAfter(tree, from);
    return next >= 0 ? next : errorAfter(tree, -1);
  }
  let before = -1;
  let last = -1;
  for (let at = errorAfter(tree, -1); at >= 0; at = errorAfter(tree, at)) {
    if (at === from) before = last;
    last = at;
    if (at === from && before >= 0) return before;
  }
  return last;
}

/** The next span that is wanted, in the order given, starting over at the end; -1 when none is. */
export function nextWhere(order: ArrayLike<number>, from: number, wanted: (index: number) => boolean): number {
  let place = -1;
  for (let at = 0; at < order.length; at += 1) if (order[at] === from) place = at;
  for (let step = 1; step <= order.length; step += 1) {
    const index = order[(place + step) % order.length]!;
    if (wanted(index)) return index;
  }
  return -1;
}
