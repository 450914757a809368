import { EVERYTHING, type Expansion } from "./model/expansion";
import { NO_FILTERS, SPAN_OUTCOMES, type SpanFilters } from "./model/filterSpans";
import type { SortKey } from "./model/flattenRows";
import { SPAN_CATEGORIES } from "./model/span";
import { TRACE_VIEWS, type Interaction, type TimeMode } from "./store/traceState";

/**
 * What a link to a trace restores, beside the execution and the span. Times count from the start of the trace. Anything that makes no
 * sense is taken as not said: a link that was cut short still opens.
 */

const SORTS: readonly SortKey[] = ["start", "duration", "tokens", "cost"];
const TIME_MODES: readonly TimeMode[] = ["relative", "absolute", "parent"];
/** More folds than this are kept for a reload, but would not fit into a link. */
const MOST_FOLDS = 20;
const SPAN_ID = /^[0-9a-f]{16}$/;

const KEYS = [
  "view",
  "q",
  "only",
  "kind",
  "status",
  "dur",
  "tokens",
  "from",
  "to",
  "sort",
  "time",
  "path",
  "depth",
  "fold",
  "unfold",
] as const;

/** The part of what the reader chose that belongs into a link; `zoom` counts from the start of the trace. */
export type Linked = Pick<
  Interaction,
  "view" | "search" | "onlyHits" | "filters" | "zoom" | "sort" | "timeMode" | "criticalPath" | "expansion"
>;

export function readTraceParams(params: URLSearchParams): Linked {
  const from = numberOf(params.get("from"));
  const to = numberOf(params.get("to"));
  return {
    view: oneOf(TRACE_VIEWS, params.get("view")) ?? "tree",
    search: params.get("q") ?? "",
    onlyHits: params.get("only") === "1",
    filters: readFilters(params),
    zoom: from !== null && to !== null && to > from ? { startMs: from, endMs: to } : null,
    sort: oneOf(SORTS, params.get("sort")) ?? "start",
    timeMode: oneOf(TIME_MODES, params.get("time")) ?? "relative",
    criticalPath: params.has("path") ? params.get("path") === "1" : null,
    expansion: readExpansion(params),
  };
}

/** Writes over a copy of the query string; what is as it comes is left out. */
export function writeTraceParams(params: URLSearchParams, linked: Linked): void {
  for (const key of KEYS) params.delete(key);
  const put = (key: (typeof KEYS)[number], value: string) => value !== "" && params.set(key, value);
  const { filters, zoom, expansion } = linked;
  put("view", linked.view === "tree" ? "" : linked.view);
  put("q", linked.search);
  put("only", linked.onlyHits && linked.search !== "" ? "1" : "");
  put("kind", [...filters.categories].map((category) => category.toLowerCase()).join(" "));
  put("status", [...filters.outcomes].join(" "));
  put("dur", filters.minDurationMs > 0 ? String(filters.minDurationMs) : "");
  put("tokens", filters.minTokens > 0 ? String(filters.minTokens) : "");
  put("from", zoom === null ? "" : decimals(zoom.startMs));
  put("to", zoom === null ? "" : decimals(zoom.endMs));
  put("sort", linked.sort === "start" ? "" : linked.sort);
  put("time", linked.timeMode === "relative" ? "" : linked.timeMode);
  put("path", linked.criticalPath === null ? "" : linked.criticalPath ? "1" : "0");
  put("depth", expansion.depth === Infinity ? "" : String(expansion.depth));
  put("fold", foldsOf(expansion, false));
  put("unfold", foldsOf(expansion, true));
}

function readFilters(params: URLSearchParams): SpanFilters {
  const words = (key: string) => (params.get(key) ?? "").split(" ");
  const categories = SPAN_CATEGORIES.filter((category) => words("kind").includes(category.toLowerCase()));
  const outcomes = SPAN_OUTCOMES.filter((outcome) => words("status").includes(outcome));
  return {
    ...NO_FILTERS,
    categories: new Set(categories),
    outcomes: new Set(outcomes),
    minDurationMs: Math.max(0, numberOf(params.get("dur")) ?? 0),
    minTokens: Math.max(0, numberOf(params.get("tokens")) ?? 0),
  };
}

function readExpansion(params: URLSearchParams): Expansion {
  const depth = numberOf(params.get("depth"));
  const overrides = new Map<string, boolean>();
  for (const [key, expanded] of [
    ["fold", false],
    ["unfold", true],
  ] as const) {
    for (const id of (params.get(key) ?? "").split(" ")) if (SPAN_ID.test(id)) overrides.set(id, expanded);
  }
  if (depth === null && overrides.size === 0) return EVERYTHING;
  return { depth: depth === null || depth < 0 ? Infinity : depth, overrides };
}

function foldsOf(expansion: Expansion, expanded: boolean): string {
  const ids = [...expansion.overrides]
    .filter(([key, value]) => value === expanded && SPAN_ID.test(key))
    .map(([key]) => key);
  return ids.length <= MOST_FOLDS ? ids.join(" ") : "";
}

function oneOf<Value extends string>(values: readonly Value[], text: string | null): Value | undefined {
  return values.find((value) => value === text);
}

function numberOf(text: string | null): number | null {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** To the nanosecond. */
function decimals(ms: number): string {
  return String(Math.round(ms * 1e6) / 1e6);
}
