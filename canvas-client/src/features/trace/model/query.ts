import { endMs, failed, type SpanRecord } from "./span";

/**
 * What is typed into the search box: words that must all occur, and fields as `kind:tool status:error dur>1s tokens>2000 model:gpt`.
 * Quotes keep blanks, a leading minus excludes. What is not a known field is a word.
 */
export interface Query {
  readonly terms: readonly Term[];
  /** The words alone, as the server searches values for them; null when there are none or when one is excluded. */
  readonly text: string | null;
}

type Comparison = ">" | ">=" | "<" | "<=" | "=";
type TextField = "kind" | "status" | "model" | "node" | "name" | "id" | "error";
type NumberField = "dur" | "tokens" | "cost" | "attempt" | "iteration";

type Term = { readonly excluded: boolean } & (
  | { readonly field: "text" | TextField; readonly value: string }
  | { readonly field: NumberField; readonly comparison: Comparison; readonly value: number }
);

const TEXT_FIELDS: Readonly<Record<string, TextField>> = {
  kind: "kind",
  category: "kind",
  status: "status",
  state: "status",
  model: "model",
  node: "node",
  name: "name",
  id: "id",
  error: "error",
};
const NUMBER_FIELDS: Readonly<Record<string, NumberField>> = {
  dur: "dur",
  duration: "dur",
  tokens: "tokens",
  cost: "cost",
  attempt: "attempt",
  iteration: "iteration",
};
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** Null when there is nothing to look for. */
export function parseQuery(source: string): Query | null {
  const terms = [...source.matchAll(/(-?)((?:[^\s"]|"[^"]*"?)+)/g)].map(([, minus, body]) =>
    parseTerm(minus !== "", body!),
  );
  const meaningful = terms.filter((term) => term.value !== "");
  if (meaningful.length === 0) return null;
  const words = meaningful.filter((term) => term.field === "text");
  return { terms: meaningful, text: words.length === 1 && !words[0]!.excluded ? String(words[0]!.value) : null };
}

function parseTerm(excluded: boolean, body: string): Term {
  const parts = /^([a-z]+)(:|>=|<=|>|<|=)(.*)$/i.exec(body);
  if (parts !== null) {
    const [, key, operator, rest] = parts as unknown as [string, string, string, string];
    const field = key.toLowerCase();
    const textField = TEXT_FIELDS[field];
    if (textField !== undefined && (operator === ":" || operator === "=")) {
      return { excluded, field: textField, value: unquoted(rest) };
    }
    const numberField = NUMBER_FIELDS[field];
    const value = parseNumber(unquoted(rest), numberField === "dur");
    if (numberField !== undefined && value !== null) {
      return { excluded, field: numberField, comparison: operator === ":" ? "=" : (operator as Comparison), value };
    }
  }
  return { excluded, field: "text", value: unquoted(body) };
}

function unquoted(text: string): string {
  return text.replaceAll('"', "").toLowerCase();
}

function parseNumber(text: string, isDuration: boolean): number | null {
  const parts = /^(\d+(?:\.\d+)?)\s*(\p{L}*)$/u.exec(text);
  if (parts === null) return null;
  const [, digits, unit] = parts as unknown as [string, string, string];
  const factor = isDuration ? UNIT_MS[unit === "" ? "ms" : unit] : unit === "k" ? 1_000 : unit === "" ? 1 : undefined;
  return factor === undefined ? null : Number(digits) * factor;
}

export function matchesQuery(
  query: Query,
  span: SpanRecord,
  nowMs: number,
  foundElsewhere: ReadonlySet<string>,
): boolean {
  return query.terms.every((term) => {
    const found =
      matchesTerm(term, span, nowMs) ||
      (term.field === "text" && query.text === term.value && foundElsewhere.has(span.spanId));
    return found !== term.excluded;
  });
}

function matchesTerm(term: Term, span: SpanRecord, nowMs: number): boolean {
  switch (term.field) {
    case "text":
      return [span.displayName, span.name, span.nodeId, span.nodeType, span.statusMessage, span.spanId].some((text) =>
        has(text, term.value),
      );
    case "kind":
      return span.category.toLowerCase().startsWith(term.value) || span.kind.toLowerCase() === term.value;
    case "status":
      return standing(span).includes(term.value);
    case "model":
      // The conventions name a call "<operation> <model>".
      return (span.category === "LLM" || span.category === "EMBEDDING") && has(span.name, term.value);
    case "node":
      return has(span.nodeId, term.value) || has(span.nodeType, term.value);
    case "name":
      return has(span.displayName, term.value) || has(span.name, term.value);
    case "id":
      return span.spanId.startsWith(term.value);
    case "error":
      return failed(span) && (has(span.statusMessage, term.value) || term.value === "true");
    case "dur":
      return compare(endMs(span, nowMs) - span.startMs, term.comparison, term.value);
    case "tokens":
      return compare(span.inputTokens + span.outputTokens, term.comparison, term.value);
    case "cost":
      return compare(span.costUsd ?? 0, term.comparison, term.value);
    case "attempt":
    case "iteration":
      return span[term.field] !== null && compare(span[term.field]!, term.comparison, term.value);
  }
}

function standing(span: SpanRecord): readonly string[] {
  if (failed(span)) return ["error", "failed"];
  if (span.state === "RUNNING") return ["running"];
  if (span.state === "ABANDONED") return ["abandoned", "lost"];
  return ["ok", "ended"];
}

function has(text: string | null, part: string): boolean {
  return text?.toLowerCase().includes(part) ?? false;
}

function compare(left: number, comparison: Comparison, right: number): boolean {
  switch (comparison) {
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case "=":
      return left === right;
  }
}

/** Stretches of a name to mark as hits, as start, end, start, end…, in order and apart. */
export function hitRanges(query: Query, name: string): readonly number[] {
  const words = query.terms.filter(
    (term) => !term.excluded && (term.field === "text" || term.field === "name" || term.field === "model"),
  );
  const lower = name.toLowerCase();
  const found: [number, number][] = [];
  for (const { value } of words) {
    const word = String(value);
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length))
      found.push([at, at + word.length]);
  }
  found.sort((left, right) => left[0] - right[0]);
  const merged: number[] = [];
  for (const [start, end] of found) {
    const last = merged.length - 1;
    if (last > 0 && start <= merged[last]!) merged[last] = Math.max(merged[last]!, end);
    else merged.push(start, end);
  }
  return merged;
}
