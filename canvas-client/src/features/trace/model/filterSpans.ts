import type { Query } from "./query";
import { matchesQuery } from "./query";
import { SPAN_CATEGORIES, endMs, failed, type SpanCategory, type SpanRecord } from "./span";
import type { SpanTree } from "./spanTree";

export const SPAN_OUTCOMES = ["error", "running", "ok", "abandoned"] as const;
/** How a span stands, as one word. */
export type SpanOutcome = (typeof SPAN_OUTCOMES)[number];

export function outcomeOf(span: SpanRecord): SpanOutcome {
  if (failed(span)) return "error";
  if (span.state === "RUNNING") return "running";
  return span.state === "ABANDONED" ? "abandoned" : "ok";
}

/** Which spans are shown: those for which all of this holds. What is empty or 0 does not restrict. */
export interface SpanFilters {
  readonly categories: ReadonlySet<SpanCategory>;
  readonly outcomes: ReadonlySet<SpanOutcome>;
  readonly minDurationMs: number;
  readonly minTokens: number;
}

export const NO_FILTERS: SpanFilters = { categories: new Set(), outcomes: new Set(), minDurationMs: 0, minTokens: 0 };

export function restricts(filters: SpanFilters): boolean {
  return filterCount(filters) > 0;
}

export function filterCount({ categories, outcomes, minDurationMs, minTokens }: SpanFilters): number {
  return categories.size + outcomes.size + Number(minDurationMs > 0) + Number(minTokens > 0);
}

function passes(span: SpanRecord, filters: SpanFilters, nowMs: number): boolean {
  return (
    (filters.categories.size === 0 || filters.categories.has(span.category)) &&
    (filters.outcomes.size === 0 || filters.outcomes.has(outcomeOf(span))) &&
    (filters.minDurationMs === 0 || endMs(span, nowMs) - span.startMs >= filters.minDurationMs) &&
    (filters.minTokens === 0 || span.inputTokens + span.outputTokens >= filters.minTokens)
  );
}

/** 1 for each span that passes. `foundElsewhere` holds span ids that the server found the query's text in. */
export function filterSpans(
  tree: SpanTree,
  filters: SpanFilters,
  query: Query | null,
  foundElsewhere: ReadonlySet<string>,
  nowMs: number,
): Uint8Array {
  const matches = new Uint8Array(tree.size);
  for (let index = 0; index < tree.size; index += 1) {
    const span = tree.get(index);
    if (!passes(span, filters, nowMs)) continue;
    if (query === null || matchesQuery(query, span, nowMs, foundElsewhere)) matches[index] = 1;
  }
  return matches;
}

export interface Facets {
  readonly categories: ReadonlyMap<SpanCategory, number>;
  readonly outcomes: ReadonlyMap<SpanOutcome, number>;
}

/** How many spans each choice would show, with the other kind of choices as they are. Choices without spans are left out. */
export function countFacets(tree: SpanTree, filters: SpanFilters, nowMs: number): Facets {
  const categories = new Map<SpanCategory, number>();
  const outcomes = new Map<SpanOutcome, number>();
  const anyCategory = { ...filters, categories: NO_FILTERS.categories };
  const anyOutcome = { ...filters, outcomes: NO_FILTERS.outcomes };
  for (const span of tree.spans) {
    if (passes(span, anyCategory, nowMs)) categories.set(span.category, (categories.get(span.category) ?? 0) + 1);
    if (passes(span, anyOutcome, nowMs)) outcomes.set(outcomeOf(span), (outcomes.get(outcomeOf(span)) ?? 0) + 1);
  }
  return { categories: inOrder(SPAN_CATEGORIES, categories), outcomes: inOrder(SPAN_OUTCOMES, outcomes) };
}

function inOrder<Key>(keys: readonly Key[], counts: ReadonlyMap<Key, number>): Map<Key, number> {
  return new Map(keys.filter((key) => counts.has(key)).map((key) => [key, counts.get(key)!]));
}
