import { failed, running, type SpanRecord } from "./span";

/** Sums over what is below a span, itself not included. */
export interface SubtreeSums {
  readonly spans: number;
  readonly errors: number;
  readonly running: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  /** Tokens whose cost is not known. */
  readonly unpriced: number;
}

const WIDTH = 7;
const STRIDE = 2 * WIDTH;
const NO_CHILDREN: readonly number[] = [];

/**
 * The spans of one trace as a tree that grows in place.
 *
 * A span is a number: its place in the order of arrival. `applySpans` is the only writer. A span whose parent is not known is a
 * root until the parent comes; of a cycle of parents, the span that started first is made a root.
 */
export class SpanTree {
  readonly spans: SpanRecord[] = [];
  readonly roots: number[] = [];
  /** Grows when spans come or move; not when one only changes. */
  structureVersion = 0;
  version = 0;
  minStartMs = Infinity;
  maxEndMs = -Infinity;
  readonly runningSpans = new Set<number>();
  /** The span that started last; -1 without spans. */
  newest = -1;
  /** Number of the (display name, node) pair of each span: siblings that share it repeat each other. */
  readonly likeness: number[] = [];
  readonly #indexById = new Map<string, number>();
  readonly #childCounts = new Map<number, number>();
  readonly #parents: number[] = [];
  readonly #children: (number[] | undefined)[] = [];
  readonly #waiting = new Map<string, number[]>();
  readonly #coverage = new Map<number, Float64Array>();
  /** By likeness: lowest and highest iteration. */
  readonly #iterations = new Map<number, readonly [number, number]>();
  readonly #likenesses = new Map<string, Map<string | null, number>>();
  #likenessCount = 0;
  /** Per span: what is below it, then what it last added to its parent. */
  #sums = new Float64Array(256 * STRIDE);
  #errors = 0;

  get size(): number {
    return this.spans.length;
  }

  get errorCount(): number {
    return this.#errors;
  }

  get(index: number): SpanRecord {
    return this.spans[index]!;
  }

  indexOf(spanId: string): number {
    return this.#indexById.get(spanId) ?? -1;
  }

  byId(spanId: string): SpanRecord | undefined {
    return this.spans[this.indexOf(spanId)];
  }

  parentOf(index: number): number {
    return this.#parents[index]!;
  }

  /** In (start, span id) order. */
  childrenOf(index: number): readonly number[] {
    return this.#children[index] ?? NO_CHILDREN;
  }

  /** Siblings including the span itself. */
  siblingsOf(index: number): readonly number[] {
    const parent = this.parentOf(index);
    return parent < 0 ? this.roots : this.childrenOf(parent);
  }

  /** Tells how many children a span has on the server, where they are not all read. */
  expectChildren(index: number, count: number): void {
    this.#childCounts.set(index, count);
  }

  /** How many of its children have not been read; 0 where all are read anyway. */
  missingChildren(index: number): number {
    const count = this.#childCounts.get(index);
    return count === undefined ? 0 : Math.max(0, count - this.childrenOf(index).length);
  }

  depthOf(index: number): number {
    let depth = 0;
    for (let at = this.parentOf(index); at >= 0; at = this.parentOf(at)) depth += 1;
    return depth;
  }

  /** Shown as a root because its parent is not here. */
  isOrphan(index: number): boolean {
    const { parentSpanId } = this.get(index);
    return this.parentOf(index) < 0 && parentSpanId !== null && !this.#indexById.has(parentSpanId);
  }

  /** Shown as a root because its parents form a cycle. */
  isCycleBreak(index: number): boolean {
    const { parentSpanId } = this.get(index);
    return this.parentOf(index) < 0 && parentSpanId !== null && this.#indexById.has(parentSpanId);
  }

  below(index: number): SubtreeSums {
    const at = index * STRIDE;
    const sums = this.#sums;
    return {
      spans: sums[at]!,
      errors: sums[at + 1]!,
      running: sums[at + 2]!,
      inputTokens: sums[at + 3]!,
      outputTokens: sums[at + 4]!,
      costUsd: sums[at + 5]!,
      unpriced: sums[at + 6]!,
    };
  }

  descendantCount(index: number): number {
    return this.#sums[index * STRIDE]!;
  }

  errorsBelow(index: number): number {
    return this.#sums[index * STRIDE + 1]!;
  }

  /** Tokens of the span and all below it; where spans below it report usage, its own repeats theirs and does not count. */
  subtreeTokens(index: number): number {
    const at = index * STRIDE;
    const below = this.#sums[at + 3]! + this.#sums[at + 4]!;
    if (below > 0) return below;
    const span = this.get(index);
    return span.inputTokens + span.outputTokens;
  }

  subtreeCostUsd(index: number): number | null {
    const below = this.#sums[index * STRIDE + 5]!;
    return below > 0 ? below : this.get(index).costUsd;
  }

  /** Of the tokens of the span and all below it, those that its cost leaves out. */
  subtreeUnpriced(index: number): number {
    const at = index * STRIDE;
    const sums = this.#sums;
    return unpriced(this.get(index), sums[at + 3]! + sums[at + 4]! > 0, sums[at + 5]!, sums[at + 6]!);
  }

  /** Merged times of its direct children as start, end, start, end…; the end is infinite while one runs. */
  coverageOf(index: number): Float64Array {
    const known = this.#coverage.get(index);
    if (known !== undefined) return known;
    const merged = mergeIntervals(this, this.childrenOf(index));
    this.#coverage.set(index, merged);
    return merged;
  }

  /** Whether spans alike were visited more than once, so that the number of the visit says something. */
  isIterated(index: number): boolean {
    const range = this.#iterations.get(this.likeness[index]!);
    return range !== undefined && range[0] < range[1];
  }

  /** @internal Used by `applySpans` alone. */
  add(span: SpanRecord): number {
    const index = this.spans.length;
    this.spans.push(span);
    this.#indexById.set(span.spanId, index);
    this.#parents.push(-1);
    this.#children.push(undefined);
    this.likeness.push(this.#likenessOf(span));
    if ((index + 1) * STRIDE > this.#sums.length) {
      const grown = new Float64Array(this.#sums.length * 2);
      grown.set(this.#sums);
      this.#sums = grown;
    }
    return index;
  }

  /** @internal */
  replace(index: number, span: SpanRecord): void {
    this.spans[index] = span;
    this.likeness[index] = this.#likenessOf(span);
  }

  /** @internal */
  setParent(index: number, parent: number): void {
    this.#parents[index] = parent;
    if (parent < 0) {
      this.roots.push(index);
      return;
    }
    (this.#children[parent] ??= []).push(index);
    this.#give(parent, index, 1);
    this.#coverage.delete(parent);
  }

  /** @internal */
  unsetParent(index: number): void {
    const parent = this.#parents[index]!;
    const list = parent < 0 ? this.roots : this.#children[parent]!;
    list.splice(list.indexOf(index), 1);
    if (parent >= 0) {
      this.#give(parent, index, -1);
      this.#coverage.delete(parent);
    }
    this.#parents[index] = -1;
  }

  /** @internal */
  removeRoots(gone: ReadonlySet<number>): void {
    let kept = 0;
    for (const root of this.roots) if (!gone.has(root)) this.roots[kept++] = root;
    this.roots.length = kept;
  }

  /** @internal */
  forgetCoverage(index: number): void {
    this.#coverage.delete(index);
  }

  /** @internal */
  sortChildren(parent: number): void {
    const list = parent < 0 ? this.roots : this.#children[parent];
    list?.sort((left, right) => this.compare(left, right));
  }

  /** (start, span id) order. */
  compare(left: number, right: number): number {
    const a = this.get(left);
    const b = this.get(right);
    return a.startMs - b.startMs || (a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : 0);
  }

  /** @internal Spans that wait for this parent, taken off the list. */
  takeWaiting(spanId: string): readonly number[] {
    const waiting = this.#waiting.get(spanId);
    if (waiting === undefined) return NO_CHILDREN;
    this.#waiting.delete(spanId);
    return waiting;
  }

  /** @internal */
  wait(parentSpanId: string, index: number): void {
    const waiting = this.#waiting.get(parentSpanId);
    if (waiting === undefined) this.#waiting.set(parentSpanId, [index]);
    else waiting.push(index);
  }

  /** @internal Brings what a span adds to its parent up to date. */
  renewSums(index: number): void {
    const span = this.get(index);
    const sums = this.#sums;
    const at = index * STRIDE;
    const given = at + WIDTH;
    const usageBelow = sums[at + 3]! + sums[at + 4]! > 0;
    const next = [
      sums[at]! + 1,
      sums[at + 1]! + (failed(span) ? 1 : 0),
      sums[at + 2]! + (running(span) ? 1 : 0),
      usageBelow ? sums[at + 3]! : span.inputTokens,
      usageBelow ? sums[at + 4]! : span.outputTokens,
      sums[at + 5]! > 0 ? sums[at + 5]! : (span.costUsd ?? 0),
      unpriced(span, usageBelow, sums[at + 5]!, sums[at + 6]!),
    ];
    const parent = this.#parents[index]!;
    for (let column = 0; column < WIDTH; column += 1) {
      const value = next[column]!;
      if (parent >= 0) sums[parent * STRIDE + column]! += value - sums[given + column]!;
      sums[given + column] = value;
    }
  }

  /** @internal */
  countErrors(change: number): void {
    this.#errors += change;
  }

  #give(parent: number, index: number, sign: number): void {
    const given = index * STRIDE + WIDTH;
    for (let column = 0; column < WIDTH; column += 1) {
      this.#sums[parent * STRIDE + column]! += sign * this.#sums[given + column]!;
    }
  }

  #likenessOf(span: SpanRecord): number {
    let byNode = this.#likenesses.get(span.displayName);
    if (byNode === undefined) {
      byNode = new Map<string | null, number>();
      this.#likenesses.set(span.displayName, byNode);
    }
    let number = byNode.get(span.nodeId);
    if (number === undefined) {
      number = this.#likenessCount++;
      byNode.set(span.nodeId, number);
    }
    const { iteration } = span;
    if (iteration !== null) {
      const [low, high] = this.#iterations.get(number) ?? [iteration, iteration];
      if (iteration <= low || iteration >= high) {
        this.#iterations.set(number, [Math.min(low, iteration), Math.max(high, iteration)]);
      }
    }
    return number;
  }
}

/** A span whose cost stands for those below it leaves nothing out. */
function unpriced(span: SpanRecord, usageBelow: boolean, costBelow: number, unpricedBelow: number): number {
  if (usageBelow) return costBelow > 0 || span.costUsd === null ? unpricedBelow : 0;
  return span.costUsd === null ? span.inputTokens + span.outputTokens : 0;
}

/** Union of the spans' times as start, end, start, end…, given in order of their starts. */
export function mergeIntervals(tree: SpanTree, indices: readonly number[]): Float64Array {
  const merged: number[] = [];
  for (const index of indices) {
    const span = tree.get(index);
    const end = span.durationMs !== null ? span.startMs + span.durationMs : running(span) ? Infinity : span.startMs;
    const last = merged.length - 1;
    if (last > 0 && span.startMs <= merged[last]!) merged[last] = Math.max(merged[last]!, end);
    else merged.push(span.startMs, end);
  }
  return Float64Array.from(merged);
}
