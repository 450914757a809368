import { isExpanded, type Expansion } from "./expansion";
import { groupSiblings, unreadChildren, type Sibling, type SiblingGroup } from "./siblings";
import { endMs } from "./span";
import type { SpanTree } from "./spanTree";

export type SortKey = "start" | "duration" | "tokens" | "cost";

export interface RowOptions {
  readonly expansion: Expansion;
  readonly sort: SortKey;
  /** Siblings alike are grouped when there are more. */
  readonly groupOver: number;
  /** 1 for each span to show; their ancestors come along. Null shows all. */
  readonly matches: Uint8Array | null;
  readonly nowMs: number;
}

/** One visible row. */
export interface Row {
  /** Of the span; -1 for a group. */
  readonly span: number;
  readonly group: SiblingGroup | null;
  /** From 1. */
  readonly level: number;
  /** From 1. */
  readonly position: number;
  readonly setSize: number;
  /** Null when there is nothing to unfold. */
  readonly expanded: boolean | null;
  /** False for an ancestor that is only here because of what it holds. */
  readonly matched: boolean;
}

/** A fold often leaves few of many rows. */
const FIRST_ROWS = 256;

function grown<Column extends Int32Array | Uint32Array | Uint8Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}

/** The visible rows, kept as columns: a row object exists only while its row is drawn. */
export class RowList {
  length = 0;
  readonly groups: SiblingGroup[] = [];
  /** Span, or the complement of a place in `groups`. */
  #nodes = new Int32Array(FIRST_ROWS);
  #levels = new Uint32Array(FIRST_ROWS);
  #positions = new Uint32Array(FIRST_ROWS);
  #sizes = new Uint32Array(FIRST_ROWS);
  /** 0 leaf, 1 folded, 2 unfolded; 4 more for an ancestor that does not match itself. */
  #flags = new Uint8Array(FIRST_ROWS);

  push(node: number, level: number, position: number, setSize: number, flags: number): void {
    const at = this.length++;
    if (at === this.#nodes.length) this.#grow();
    this.#nodes[at] = node;
    this.#levels[at] = level;
    this.#positions[at] = position;
    this.#sizes[at] = setSize;
    this.#flags[at] = flags;
  }

  #grow(): void {
    const size = 2 * this.#nodes.length;
    this.#nodes = grown(this.#nodes, new Int32Array(size));
    this.#levels = grown(this.#levels, new Uint32Array(size));
    this.#positions = grown(this.#positions, new Uint32Array(size));
    this.#sizes = grown(this.#sizes, new Uint32Array(size));
    this.#flags = grown(this.#flags, new Uint8Array(size));
  }

  at(row: number): Row {
    const node = this.#nodes[row]!;
    const fold = this.#flags[row]! & 3;
    return {
      span: node < 0 ? -1 : node,
      group: node < 0 ? this.groups[~node]! : null,
      level: this.#levels[row]!,
      position: this.#positions[row]!,
      setSize: this.#sizes[row]!,
      expanded: fold === 0 ? null : fold === 2,
      matched: this.#flags[row]! < 4,
    };
  }

  levelAt(row: number): number {
    return this.#levels[row]!;
  }

  /** Of the span; -1 for a group. */
  spanAt(row: number): number {
    return Math.max(-1, this.#nodes[row]!);
  }

  /** -1 when the span has no row. */
  rowOf(span: number): number {
    return span < 0 ? -1 : this.#nodes.subarray(0, this.length).indexOf(span);
  }

  rowOfGroup(key: string): number {
    const place = this.groups.findIndex((group) => group.key === key);
    return place < 0 ? -1 : this.#nodes.subarray(0, this.length).indexOf(~place);
  }
}

interface Frame {
  readonly entries: readonly Sibling[];
  readonly level: number;
  next: number;
}

/** The rows to show, in order. Iterative: a trace may be nested as deep as it is large. */
export function flattenRows(tree: SpanTree, options: RowOptions): RowList {
  return options.sort === "start" ? treeRows(tree, options) : sortedRows(tree, options);
}

function treeRows(tree: SpanTree, { expansion, groupOver, matches }: RowOptions): RowList {
  const rows = new RowList();
  const kept = matches === null ? null : withAncestors(tree, matches);
  const entriesOf = (siblings: readonly number[]) =>
    groupSiblings(tree, kept === null ? siblings : siblings.filter((index) => kept[index] === 1), groupOver);
  const frames: Frame[] = [{ entries: entriesOf(tree.roots), level: 1, next: 0 }];
  for (let frame = frames[0]; frame !== undefined; frame = frames[frames.length - 1]) {
    if (frame.next === frame.entries.length) {
      frames.pop();
      continue;
    }
    const { level, entries } = frame;
    const entry = entries[frame.next++]!;
    let below: readonly Sibling[] = [];
    if (typeof entry === "number") {
      const children = tree.childrenOf(entry);
      const unread = kept === null && tree.missingChildren(entry) > 0;
      const parent = unread || (children.length > 0 && (kept === null || children.some((child) => kept[child] === 1)));
      const open = parent && isExpanded(expansion, tree.get(entry).spanId, level);
      if (open) below = entriesOf(children);
      if (open && unread) below = [...below, unreadChildren(tree.get(entry).spanId)];
      const passing = matches !== null && matches[entry] === 0;
      rows.push(entry, level, frame.next, entries.length, (parent ? (open ? 2 : 1) : 0) + (passing ? 4 : 0));
    } else if (entry.kind === "unread") {
      rows.groups.push(entry);
      rows.push(~(rows.groups.length - 1), level, frame.next, entries.length, 0);
    } else {
      const open =
        entry.kind === "attempts" ? isOpenAttempts(expansion, entry) : isExpanded(expansion, entry.key, level);
      if (open) below = entry.members;
      rows.groups.push(entry);
      rows.push(~(rows.groups.length - 1), level, frame.next, entries.length, open ? 2 : 1);
    }
    if (below.length > 0) frames.push({ entries: below, level: level + 1, next: 0 });
  }
  return rows;
}

/** Attempts hold failures, so they are open until the reader folds them. */
function isOpenAttempts(expansion: Expansion, group: SiblingGroup): boolean {
  return expansion.overrides.get(group.key) ?? true;
}

/** A flat list, the largest first, ties in order of start. */
function sortedRows(tree: SpanTree, { sort, matches, nowMs }: RowOptions): RowList {
  const shown: number[] = [];
  for (let index = 0; index < tree.size; index += 1) if (matches === null || matches[index] === 1) shown.push(index);
  const values = Float64Array.from({ length: tree.size }, (_, index) => sortValue(tree, index, sort, nowMs));
  shown.sort((left, right) => values[right]! - values[left]! || tree.compare(left, right));
  const rows = new RowList();
  for (const [place, index] of shown.entries()) rows.push(index, 1, place + 1, shown.length, 0);
  return rows;
}

function sortValue(tree: SpanTree, index: number, sort: SortKey, nowMs: number): number {
  const span = tree.get(index);
  if (sort === "tokens") return span.inputTokens + span.outputTokens;
  if (sort === "cost") return span.costUsd ?? 0;
  return endMs(span, nowMs) - span.startMs;
}

function withAncestors(tree: SpanTree, matches: Uint8Array): Uint8Array {
  const kept = matches.slice();
  for (let index = 0; index < matches.length; index += 1) {
    if (matches[index] === 0) continue;
    for (let at = tree.parentOf(index); at >= 0 && kept[at] === 0; at = tree.parentOf(at)) kept[at] = 1;
  }
  return kept;
}

/** All spans in the order of the unfolded tree. */
export function preorder(tree: SpanTree): Int32Array {
  const order = new Int32Array(tree.size);
  const stack = [...tree.roots].reverse();
  let length = 0;
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    order[length++] = index;
    const children = tree.childrenOf(index);
    for (let at = children.length - 1; at >= 0; at -= 1) stack.push(children[at]!);
  }
  return order;
}
