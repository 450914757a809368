import { endMs } from "../../model/span";
import type { SpanTree } from "../../model/spanTree";

/** Where each span lies: on the trace's clock, and in a row below the span that contains it. */
export interface FlameLayout {
  /** Spans in order of their starts. */
  readonly order: Int32Array;
  /** By the span's place in the tree. */
  readonly rows: Int32Array;
  readonly rowCount: number;
}

/**
 * Gives each span the first row below its parent's that is free from its start on, so that bars never cover each other however
 * much ran at the same time. A free row is found in a tree of minima: a thousand parallel branches cost no more than one each.
 */
export function layOutFlame(tree: SpanTree): FlameLayout {
  const order = Int32Array.from({ length: tree.size }, (_, index) => index);
  order.sort((left, right) => tree.compare(left, right));
  const rows = new Int32Array(tree.size).fill(-1);
  const free = new FreeRows();
  let rowCount = 0;
  const place = (index: number) => {
    const span = tree.get(index);
    const parent = tree.parentOf(index);
    // A parent that starts after its child, by a wrong clock, has no row yet.
    const above = parent < 0 ? -1 : Math.max(0, rows[parent] ?? 0);
    // What still runs keeps its row: nothing moves when it ends.
    const row = free.take(above + 1, span.startMs, endMs(span, Infinity));
    rows[index] = row;
    rowCount = Math.max(rowCount, row + 1);
  };
  for (const index of order) {
    // A parent that starts with its child has to come first, whatever their ids.
    const waiting = [index];
    for (let at = tree.parentOf(index); at >= 0 && rows[at] === -1; at = tree.parentOf(at)) {
      if (tree.get(at).startMs > tree.get(index).startMs) break;
      waiting.push(at);
    }
    for (const next of waiting.reverse()) if (rows[next] === -1) place(next);
  }
  return { order, rows, rowCount };
}

/** A span without a length still covers its own moment. */
const SHORTEST_MS = 1e-6;

/** When each row is free again, as a tree of minima over a power of two of rows. */
class FreeRows {
  #capacity = 64;
  #minima = new Float64Array(2 * this.#capacity).fill(-Infinity);

  /** The first row from `first` on that is free at `startMs`; it is taken until `untilMs`. */
  take(first: number, startMs: number, untilMs: number): number {
    let row = this.#find(first, startMs);
    while (row < 0) {
      this.#grow();
      row = this.#find(first, startMs);
    }
    this.#set(row, Math.max(untilMs, startMs + SHORTEST_MS));
    return row;
  }

  #find(first: number, startMs: number): number {
    if (first >= this.#capacity) return -1;
    let node = this.#capacity + first;
    // Upwards until a subtree to the right has a free row, then down to its first one.
    while (this.#at(node) > startMs) {
      while (node % 2 === 1) {
        if ((node & (node + 1)) === 0) return -1;
        node >>= 1;
      }
      node += 1;
    }
    while (node < this.#capacity) node = this.#at(2 * node) <= startMs ? 2 * node : 2 * node + 1;
    return node - this.#capacity;
  }

  #set(row: number, untilMs: number): void {
    let node = this.#capacity + row;
    this.#minima[node] = untilMs;
    for (node >>= 1; node >= 1; node >>= 1) {
      this.#minima[node] = Math.min(this.#at(2 * node), this.#at(2 * node + 1));
    }
  }

  #grow(): void {
    const leaves = this.#minima.slice(this.#capacity);
    this.#capacity *= 2;
    this.#minima = new Float64Array(2 * this.#capacity).fill(-Infinity);
    for (const [row, untilMs] of leaves.entries()) this.#set(row, untilMs);
  }

  #at(node: number): number {
    return this.#minima[node] ?? Infinity;
  }
}

/** The span drawn at a place, or -1. */
export function spanAt(
  tree: SpanTree,
  { order, rows }: FlameLayout,
  row: number,
  timeMs: number,
  nowMs: number,
  slackMs: number,
): number {
  let nearest = -1;
  let distance = slackMs;
  for (const index of order) {
    const span = tree.get(index);
    if (span.startMs - slackMs > timeMs) break;
    if (rows[index] !== row) continue;
    const end = endMs(span, nowMs);
    if (timeMs >= span.startMs && timeMs <= end) return index;
    // Short spans are drawn wider than they are.
    const away = timeMs < span.startMs ? span.startMs - timeMs : timeMs - end;
    if (away <= distance) {
      nearest = index;
      distance = away;
    }
  }
  return nearest;
}
