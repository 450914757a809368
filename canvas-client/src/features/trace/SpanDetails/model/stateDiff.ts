/** What a step changed in a workflow's state, from copies of the state before and after it. */

export interface StateChange {
  readonly kind: "added" | "changed" | "removed";
  /** `results.triage.score`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface StateCopies {
  readonly before: unknown;
  readonly after: unknown;
  /** What the producer said about the copies. */
  readonly redacted: boolean;
  readonly truncated: boolean;
}

/** More changes than these are no summary any more. */
const MOST_CHANGES = 1_000;

/** Null when the span does not carry both. */
export function readStateCopies(attributes: Readonly<Record<string, unknown>>): StateCopies | null {
  const keys = Object.keys(attributes);
  const beforeKey = keys.find((key) => /(?:^|\.)state\.before$/.test(key));
  if (beforeKey === undefined) return null;
  const stem = beforeKey.slice(0, -"before".length);
  if (!(stem + "after" in attributes)) return null;
  return {
    before: parsed(attributes[beforeKey]),
    after: parsed(attributes[stem + "after"]),
    redacted: attributes[stem + "redacted"] === true,
    truncated: attributes[stem + "truncated"] === true,
  };
}

/** Attributes of OpenTelemetry hold no objects, so many are sent as JSON texts. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

type Container = Readonly<Record<string, unknown>>;

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

/** In the order of the state's keys: what was there first, then what came. Iterative: states nest as deep as they like. */
export function diffStates(before: unknown, after: unknown): readonly StateChange[] {
  const changes: StateChange[] = [];
  const pending: { path: string; before: unknown; after: unknown }[] = [{ path: "", before, after }];
  for (let pair = pending.pop(); pair !== undefined && changes.length < MOST_CHANGES; pair = pending.pop()) {
    const { path, before: old, after: now } = pair;
    if (Object.is(old, now)) continue;
    if (old === undefined) changes.push({ kind: "added", path, after: now });
    else if (now === undefined) changes.push({ kind: "removed", path, before: old });
    else if (isContainer(old) && isContainer(now) && Array.isArray(old) === Array.isArray(now)) {
      const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
      for (const name of names.reverse()) {
        pending.push({ path: joined(path, name, Array.isArray(old)), before: old[name], after: now[name] });
      }
    } else changes.push({ kind: "changed", path, before: old, after: now });
  }
  return changes;
}

function joined(path: string, name: string, inArray: boolean): string {
  if (inArray) return `${path}[${name}]`;
  return path === "" ? name : `${path}.${name}`;
}
