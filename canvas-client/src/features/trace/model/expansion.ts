/** Which rows are unfolded: a depth, and the rows that the reader folded or unfolded otherwise. */
export interface Expansion {
  /** So many levels are unfolded; groups of repeated siblings never by depth. */
  readonly depth: number;
  readonly overrides: ReadonlyMap<string, boolean>;
}

export const EVERYTHING: Expansion = { depth: Infinity, overrides: new Map() };

const GROUP_PREFIX = "group:";

/** Groups are told apart by parent and likeness, so that a group keeps its fold while members come. */
export function groupKey(parentSpanId: string | null, displayName: string, nodeId: string | null): string {
  return `${GROUP_PREFIX}${parentSpanId ?? ""}:${nodeId ?? ""}:${displayName}`;
}

export function isGroupKey(key: string): boolean {
  return key.startsWith(GROUP_PREFIX);
}

export function isExpanded({ depth, overrides }: Expansion, key: string, level: number): boolean {
  return overrides.get(key) ?? (!isGroupKey(key) && level <= depth);
}

export function withFolds(expansion: Expansion, keys: Iterable<string>, expanded: boolean): Expansion {
  const overrides = new Map(expansion.overrides);
  for (const key of keys) overrides.set(key, expanded);
  return { depth: expansion.depth, overrides };
}

export function toDepth(depth: number): Expansion {
  return { depth, overrides: new Map() };
}
