import { filterSpans, NO_FILTERS, restricts } from "../model/filterSpans";
import { flattenRows, preorder, type RowList } from "../model/flattenRows";
import { parseQuery, type Query } from "../model/query";
import type { SpanTree } from "../model/spanTree";
import { nowOf } from "./selectors";
import type { TraceState } from "./traceState";

/** What the search found. */
export interface Hits {
  readonly query: Query;
  /** 1 for each span that it hits. */
  readonly flags: Uint8Array;
  /** In the order of the tree, folded or not. */
  readonly order: Int32Array;
}

interface Derived {
  readonly inputs: readonly unknown[];
  readonly value: unknown;
}

const NOTHING: ReadonlySet<string> = new Set();
const derived = new WeakMap<SpanTree, Map<string, Derived>>();

/** The last value for a tree, made anew when an input is another one. The tree grows in place, so its version is an input. */
function remembered<Value>(tree: SpanTree, name: string, inputs: readonly unknown[], make: () => Value): Value {
  let ofTree = derived.get(tree);
  if (ofTree === undefined) {
    ofTree = new Map<string, Derived>();
    derived.set(tree, ofTree);
  }
  const known = ofTree.get(name);
  if (known?.inputs.every((input, place) => Object.is(input, inputs[place]))) return known.value as Value;
  const value = make();
  ofTree.set(name, { inputs, value });
  return value;
}

export function orderOf({ tree }: TraceState): Int32Array {
  return remembered(tree, "order", [tree.structureVersion], () => preorder(tree));
}

export function queryOf({ tree, search }: Pick<TraceState, "tree" | "search">): Query | null {
  return remembered(tree, "query", [search], () => parseQuery(search));
}

export function hitsOf(state: TraceState): Hits | null {
  const { tree, found, version } = state;
  const query = queryOf(state);
  if (query === null) return null;
  return remembered(tree, "hits", [query, found, version], () => {
    const elsewhere = found !== null && found.text === query.text ? found.spanIds : NOTHING;
    const flags = filterSpans(tree, NO_FILTERS, query, elsewhere, nowOf(state));
    return { query, flags, order: orderOf(state).filter((index) => flags[index] === 1) };
  });
}

/** Which spans the filters, and the search where it hides, let through; null for all. */
export function matchesOf(state: TraceState): Uint8Array | null {
  const { tree, filters, onlyHits, version } = state;
  const hits = onlyHits ? hitsOf(state) : null;
  if (!restricts(filters)) return hits?.flags ?? null;
  return remembered(tree, "matches", [filters, hits, version], () => {
    const passing = filterSpans(tree, filters, null, NOTHING, nowOf(state));
    return hits === null ? passing : passing.map((flag, index) => flag & (hits.flags[index] ?? 0));
  });
}

/** The rows as they are shown. The same object until something that decides them changes. */
export function rowsOf(state: TraceState): RowList {
  const { tree, version, expansion, sort, groupOver } = state;
  const matches = matchesOf(state);
  return remembered(tree, "rows", [version, expansion, sort, groupOver, matches], () =>
    flattenRows(tree, { expansion, sort, groupOver, matches, nowMs: nowOf(state) }),
  );
}
