import { groupKey } from "./expansion";
import { failed, running } from "./span";
import type { SpanTree } from "./spanTree";

/** Siblings shown as one row: repetitions of the same work, the attempts at one piece of work, or those that are not read yet. */
export interface SiblingGroup {
  readonly kind: "repeats" | "attempts" | "unread";
  readonly key: string;
  /** In (start, span id) order. */
  readonly members: readonly number[];
}

const UNREAD = "unread:";

/** The row that stands for children which are not read yet; their number is asked of the tree. */
export function unreadChildren(parentSpanId: string): SiblingGroup {
  return { kind: "unread", key: UNREAD + parentSpanId, members: [] };
}

export function parentOfUnread({ key }: SiblingGroup): string {
  return key.slice(UNREAD.length);
}

export type Sibling = number | SiblingGroup;

/** Failed members of a group stay rows of their own as long as they are few. */
const LIFTED_AT_MOST = 8;

/**
 * Siblings with their groups in place of the members: attempts at the same visit of a node, and more than `groupOver` siblings of
 * the same name and node. What failed, or holds a failure, is not hidden in a group of repeats unless such are many.
 */
export function groupSiblings(tree: SpanTree, siblings: readonly number[], groupOver: number): readonly Sibling[] {
  const repeats = repeated(tree, siblings, groupOver);
  const attempts = retried(tree, siblings);
  if (repeats.size === 0 && attempts.size === 0) return siblings;
  const entries: Sibling[] = [];
  const placed = new Set<SiblingGroup>();
  for (const index of siblings) {
    const group = repeats.get(index) ?? attempts.get(index);
    if (group === undefined) entries.push(index);
    else if (!placed.has(group)) {
      placed.add(group);
      entries.push(group);
    }
  }
  return entries;
}

type GroupOf = ReadonlyMap<number, SiblingGroup>;

/** Shared, for most siblings form no group, and all siblings of a large trace are asked at each fold. */
const NO_GROUPS: GroupOf = new Map();

function repeated(tree: SpanTree, siblings: readonly number[], groupOver: number): GroupOf {
  if (siblings.length <= groupOver) return NO_GROUPS;
  const groupOf = new Map<number, SiblingGroup>();
  for (const alike of collect(siblings, (index) => tree.likeness[index]!).values()) {
    if (alike.length <= groupOver) continue;
    const eventful = alike.filter((index) => failed(tree.get(index)) || tree.errorsBelow(index) > 0);
    const lifted = new Set(eventful.length <= LIFTED_AT_MOST ? eventful : []);
    const members = lifted.size === 0 ? alike : alike.filter((index) => !lifted.has(index));
    if (members.length < 2) continue;
    const first = tree.get(alike[0]!);
    const key = groupKey(first.parentSpanId, first.displayName, first.nodeId);
    const group: SiblingGroup = { kind: "repeats", key, members };
    for (const index of members) groupOf.set(index, group);
  }
  return groupOf;
}

function retried(tree: SpanTree, siblings: readonly number[]): GroupOf {
  if (!siblings.some((index) => (tree.get(index).attempt ?? 1) > 1)) return NO_GROUPS;
  const groupOf = new Map<number, SiblingGroup>();
  const numbered = siblings.filter((index) => tree.get(index).attempt !== null);
  const visits = collect(numbered, (index) => `${tree.likeness[index]}:${tree.get(index).iteration ?? ""}`);
  for (const members of visits.values()) {
    if (members.length < 2 || !members.some((index) => (tree.get(index).attempt ?? 1) > 1)) continue;
    const key = `attempts:${tree.get(members[0]!).spanId}`;
    const group: SiblingGroup = { kind: "attempts", key, members };
    for (const index of members) groupOf.set(index, group);
  }
  return groupOf;
}

function collect<Key>(indices: readonly number[], keyOf: (index: number) => Key): Map<Key, number[]> {
  const lists = new Map<Key, number[]>();
  for (const index of indices) {
    const key = keyOf(index);
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [index]);
    else list.push(index);
  }
  return lists;
}

export interface GroupSummary {
  readonly count: number;
  readonly medianMs: number | null;
  readonly errors: number;
  readonly running: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly tokens: number;
  readonly costUsd: number | null;
  /** Tokens that the cost leaves out. */
  readonly unpriced: number;
}

/** Errors count failed members and failures below them; the median and the end are of members that ended. */
export function summarizeGroup(tree: SpanTree, group: SiblingGroup): GroupSummary {
  const durations: number[] = [];
  let [errors, runningCount, tokens, costUsd, unpriced, start, end] = [0, 0, 0, 0, 0, Infinity, -Infinity];
  for (const index of group.members) {
    const span = tree.get(index);
    if (span.durationMs !== null) durations.push(span.durationMs);
    errors += Number(failed(span)) + tree.errorsBelow(index);
    runningCount += Number(running(span));
    tokens += tree.subtreeTokens(index);
    costUsd += tree.subtreeCostUsd(index) ?? 0;
    unpriced += tree.subtreeUnpriced(index);
    start = Math.min(start, span.startMs);
    end = Math.max(end, span.startMs + (span.durationMs ?? 0));
  }
  return {
    count: group.members.length,
    medianMs: median(durations),
    errors,
    running: runningCount,
    startMs: start,
    endMs: end,
    tokens,
    costUsd: costUsd > 0 ? costUsd : null,
    unpriced,
  };
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
