/** What a comparison knows of a span; in order of their starts. */
export interface ComparedSpan {
  readonly spanId: string;
  readonly parentSpanId?: string | null;
  readonly displayName: string;
  readonly category: string;
  readonly nodeId?: string | null;
  readonly nodeType?: string | null;
  readonly attempt?: number | null;
  readonly iteration?: number | null;
  readonly state: "RUNNING" | "ENDED" | "ABANDONED";
  readonly status: { readonly code: string };
  readonly durationMs?: number | null;
  readonly tokenUsage: { readonly input: number; readonly output: number };
}

/** A visit of a node, all its attempts together. */
export interface Step {
  readonly key: string;
  readonly depth: number;
  /** The last attempt. */
  readonly span: ComparedSpan;
  readonly attempts: number;
  /** Of all attempts; null while none has ended. */
  readonly durationMs: number | null;
  /** Of it and all below. */
  readonly tokens: number;
}

export interface StepPair {
  readonly key: string;
  readonly depth: number;
  /** Null where only the other run has it. */
  readonly a: Step | null;
  readonly b: Step | null;
}

/**
 * The steps of two runs side by side: the same node on the same path, in the same visit. Spans of engines that name no nodes
 * go by their names. In the order of the first run; what only the second has stands behind what came before it there.
 */
export function alignRuns(first: readonly ComparedSpan[], second: readonly ComparedSpan[]): readonly StepPair[] {
  const hasNodes = [...first, ...second].some(isNode);
  const [a, b] = [stepsOf(first, hasNodes), stepsOf(second, hasNodes)];
  const onlySecond = new Map<string, Step[]>();
  let before = "";
  for (const step of b.values()) {
    if (a.has(step.key)) before = step.key;
    else onlySecond.set(before, [...(onlySecond.get(before) ?? []), step]);
  }
  const pairs: StepPair[] = [];
  const addSecond = (key: string) => {
    for (const step of onlySecond.get(key) ?? []) pairs.push({ key: step.key, depth: step.depth, a: null, b: step });
  };
  addSecond("");
  for (const step of a.values()) {
    pairs.push({ key: step.key, depth: step.depth, a: step, b: b.get(step.key) ?? null });
    addSecond(step.key);
  }
  return pairs;
}

const isNode = ({ nodeId }: ComparedSpan): boolean => nodeId != null;

interface Place {
  readonly key: string;
  readonly depth: number;
}

/** By key, in order of their starts. */
function stepsOf(spans: readonly ComparedSpan[], onlyNodes: boolean): ReadonlyMap<string, Step> {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const tokens = subtreeTokens(spans, byId);
  const steps = new Map<string, Step>();
  const placeOf = new Map<string, Place>();
  const root: Place = { key: "", depth: -1 };

  const visit = (span: ComparedSpan, { key: path, depth: above }: Place): Place => {
    if (onlyNodes && !isNode(span)) return { key: path, depth: above };
    const name = `${path}/${span.nodeId ?? span.displayName}#${span.iteration ?? 1}`;
    let key = name;
    for (let twin = 2; steps.has(key) && !isRetryOf(span, steps.get(key)); twin += 1) key = `${name}.${twin}`;
    const before = steps.get(key);
    const duration = span.durationMs ?? null;
    steps.set(key, {
      key,
      depth: above + 1,
      span,
      attempts: (before?.attempts ?? 0) + 1,
      durationMs: before === undefined ? duration : sum(before.durationMs, duration),
      tokens: (before?.tokens ?? 0) + (tokens.get(span.spanId) ?? 0),
    });
    return { key, depth: above + 1 };
  };

  for (const start of spans) {
    // Parents first, also those whose clock says that they started later.
    const chain: ComparedSpan[] = [];
    const seen = new Set<string>();
    let at: ComparedSpan | undefined = start;
    while (at !== undefined && !placeOf.has(at.spanId) && !seen.has(at.spanId)) {
      seen.add(at.spanId);
      chain.push(at);
      at = byId.get(at.parentSpanId ?? "");
    }
    let place = (at && placeOf.get(at.spanId)) ?? root;
    for (const span of chain.reverse()) {
      place = visit(span, place);
      placeOf.set(span.spanId, place);
    }
  }
  return steps;
}

/** A higher attempt at the same visit; all else of the same name is a step of its own. */
const isRetryOf = ({ attempt }: ComparedSpan, before: Step | undefined): boolean =>
  attempt != null && attempt > (before?.span.attempt ?? Infinity);

const sum = (one: number | null, other: number | null) => (one === null ? other : one + (other ?? 0));

/** Where spans below report usage, a span's own repeats theirs. */
function subtreeTokens(
  spans: readonly ComparedSpan[],
  byId: ReadonlyMap<string, ComparedSpan>,
): ReadonlyMap<string, number> {
  const open = new Map<string, number>();
  for (const { parentSpanId } of spans) {
    if (parentSpanId != null) open.set(parentSpanId, (open.get(parentSpanId) ?? 0) + 1);
  }
  const below = new Map<string, number>();
  const totals = new Map<string, number>();
  const ready = spans.filter(({ spanId }) => !open.has(spanId));
  for (let span = ready.pop(); span !== undefined; span = ready.pop()) {
    const { input, output } = span.tokenUsage;
    const reportedBelow = below.get(span.spanId) ?? 0;
    const total = reportedBelow > 0 ? reportedBelow : input + output;
    totals.set(span.spanId, total);
    const parent = byId.get(span.parentSpanId ?? "");
    if (parent === undefined) continue;
    below.set(parent.spanId, (below.get(parent.spanId) ?? 0) + total);
    const left = (open.get(parent.spanId) ?? 1) - 1;
    open.set(parent.spanId, left);
    if (left === 0) ready.push(parent);
  }
  return totals;
}

/** Whether two values are the same, whatever the order of their keys. */
export const sameValue = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

const canonical = (value: unknown): string =>
  JSON.stringify(value ?? null, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
