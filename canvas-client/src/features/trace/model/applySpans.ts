import { failed, running, type SpanRecord } from "./span";
import { SpanTree } from "./spanTree";

/** One call's work: what to bring up to date when all spans are in. */
interface Merge {
  readonly tree: SpanTree;
  /** Spans whose sums may be out of date. */
  readonly changed: number[];
  /** Parents whose children are out of order. */
  readonly unsorted: Set<number>;
}

/**
 * Merges spans into the tree: in any order, repeatedly, and each as often as it likes. Per span the highest revision wins.
 * Work is proportional to what changed and to the ancestors of it, each visited once a call.
 *
 * @returns whether anything changed.
 */
export function applySpans(tree: SpanTree, records: readonly SpanRecord[]): boolean {
  const merge: Merge = { tree, changed: [], unsorted: new Set() };
  for (const record of records) {
    const index = tree.indexOf(record.spanId);
    if (index < 0) insert(merge, record);
    else if (record.revision > tree.get(index).revision) update(merge, index, record);
  }
  if (merge.changed.length === 0) return false;
  for (const parent of merge.unsorted) tree.sortChildren(parent);
  renewSums(merge);
  tree.version += 1;
  return true;
}

/** The tree of these spans. */
export function buildSpanTree(records: readonly SpanRecord[]): SpanTree {
  const tree = new SpanTree();
  applySpans(tree, records);
  return tree;
}

function insert(merge: Merge, record: SpanRecord): void {
  const { tree } = merge;
  const index = tree.add(record);
  tree.structureVersion += 1;
  merge.changed.push(index);
  attach(merge, index);
  adopt(merge, record.spanId);
  if (failed(record)) tree.countErrors(1);
  extend(tree, index, record);
}

function update(merge: Merge, index: number, record: SpanRecord): void {
  const { tree } = merge;
  const before = tree.get(index);
  tree.replace(index, record);
  merge.changed.push(index);
  tree.countErrors(Number(failed(record)) - Number(failed(before)));
  if (record.parentSpanId !== before.parentSpanId) {
    detach(merge, index);
    attach(merge, index);
    tree.structureVersion += 1;
  } else if (record.startMs !== before.startMs) {
    merge.unsorted.add(tree.parentOf(index));
    tree.structureVersion += 1;
  }
  tree.forgetCoverage(tree.parentOf(index));
  extend(tree, index, record);
}

/** Bounds only grow: a start that moves later leaves them wider than needed until the trace is read again. */
function extend(tree: SpanTree, index: number, record: SpanRecord): void {
  tree.minStartMs = Math.min(tree.minStartMs, record.startMs);
  tree.maxEndMs = Math.max(tree.maxEndMs, record.startMs + (record.durationMs ?? 0));
  if (tree.newest < 0 || record.startMs >= tree.get(tree.newest).startMs) tree.newest = index;
  if (running(record)) tree.runningSpans.add(index);
  else tree.runningSpans.delete(index);
}

/** Takes in the spans that waited for this parent. */
function adopt(merge: Merge, spanId: string): void {
  const { tree } = merge;
  // One that waits may have been given another parent since.
  const orphans = tree
    .takeWaiting(spanId)
    .filter((index) => tree.parentOf(index) < 0 && tree.get(index).parentSpanId === spanId);
  if (orphans.length === 0) return;
  tree.removeRoots(new Set(orphans));
  for (const orphan of orphans) attach(merge, orphan);
}

function attach(merge: Merge, index: number): void {
  const { tree } = merge;
  const { parentSpanId } = tree.get(index);
  const parent = parentSpanId === null ? -1 : tree.indexOf(parentSpanId);
  if (parentSpanId !== null && parent < 0) tree.wait(parentSpanId, index);
  const first = parent < 0 ? null : firstOfCycle(tree, index, parent);
  if (first !== null && first !== index) {
    detach(merge, first);
    place(merge, first, -1);
  }
  place(merge, index, first === index ? -1 : parent);
}

function detach(merge: Merge, index: number): void {
  const parent = merge.tree.parentOf(index);
  if (parent >= 0) merge.changed.push(parent);
  merge.tree.unsetParent(index);
}

function place({ tree, unsorted }: Merge, index: number, parent: number): void {
  const siblings = parent < 0 ? tree.roots : tree.childrenOf(parent);
  const last = siblings[siblings.length - 1];
  if (last !== undefined && tree.compare(last, index) > 0) unsorted.add(parent);
  tree.setParent(index, parent);
}

/** Of the cycle that would close if `parent` became the parent of `index`, the span that started first; null without one. */
function firstOfCycle(tree: SpanTree, index: number, parent: number): number | null {
  if (parent !== index && tree.childrenOf(index).length === 0) return null;
  let first = index;
  for (let at = parent; at !== index; at = tree.parentOf(at)) {
    if (at < 0) return null;
    if (tree.compare(at, first) < 0) first = at;
  }
  return first;
}

/** Renews the sums of the changed spans and of all their ancestors, children before parents. */
function renewSums({ tree, changed }: Merge): void {
  const waitingFor = new Map<number, number>();
  for (const start of changed) {
    for (let at = start; at >= 0 && !waitingFor.has(at); at = tree.parentOf(at)) waitingFor.set(at, 0);
  }
  for (const index of waitingFor.keys()) {
    const parent = tree.parentOf(index);
    if (parent >= 0) waitingFor.set(parent, waitingFor.get(parent)! + 1);
  }
  const ready: number[] = [];
  for (const [index, count] of waitingFor) if (count === 0) ready.push(index);
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    tree.renewSums(index);
    const parent = tree.parentOf(index);
    if (parent < 0) continue;
    const left = waitingFor.get(parent)! - 1;
    waitingFor.set(parent, left);
    if (left === 0) ready.push(parent);
  }
}
