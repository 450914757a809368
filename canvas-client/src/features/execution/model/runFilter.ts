import type { ExecutionFilter, ExecutionRowFragment, ExecutionStatus } from "@/graphql";

/** Which runs the list shows; kept in the address as `runStatus` and `runSince`, or `runFrom` and `runTo`. */
export interface RunFilter {
  /** Empty for any. */
  readonly statuses: readonly ExecutionStatus[];
  /** Back from now; null where `from` and `to` say it, and for any time. */
  readonly since: SinceKey | null;
  /** Milliseconds since the epoch; null where that side is open. */
  readonly from: number | null;
  /** Not included. */
  readonly to: number | null;
}

export const ANY_RUN: RunFilter = { statuses: [], since: null, from: null, to: null };

const HOUR_MS = 3_600_000;

export const SINCE = {
  "1h": { label: "Last hour", milliseconds: HOUR_MS },
  "24h": { label: "Last 24 hours", milliseconds: 24 * HOUR_MS },
  "7d": { label: "Last 7 days", milliseconds: 7 * 24 * HOUR_MS },
  "30d": { label: "Last 30 days", milliseconds: 30 * 24 * HOUR_MS },
} as const;

export type SinceKey = keyof typeof SINCE;

export const STATUS_VALUES: readonly ExecutionStatus[] = [
  "RUNNING",
  "QUEUED",
  "SUCCEEDED",
  "FAILED",
  "CANCELLED",
  "ABANDONED",
];

const isSince = (value: string | null): value is SinceKey => value !== null && Object.hasOwn(SINCE, value);

const instant = (text: string | null): number | null => {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? null : time;
};

/** What the address says; what it says wrongly does not restrict. */
export function readRunFilter(params: URLSearchParams): RunFilter {
  const named = params.get("runStatus")?.toUpperCase().split(",") ?? [];
  const since = params.get("runSince");
  const statuses = STATUS_VALUES.filter((status) => named.includes(status));
  if (isSince(since)) return { ...ANY_RUN, statuses, since };
  return { statuses, since: null, from: instant(params.get("runFrom")), to: instant(params.get("runTo")) };
}

export function writeRunFilter(params: URLSearchParams, { statuses, since, from, to }: RunFilter): void {
  const put = (name: string, value: string) => (value === "" ? params.delete(name) : params.set(name, value));
  put("runStatus", statuses.join(",").toLowerCase());
  put("runSince", since ?? "");
  put("runFrom", from === null ? "" : toIso(from));
  put("runTo", to === null ? "" : toIso(to));
}

const toIso = (time: number) => new Date(time).toISOString();

export const isRestrictedInTime = ({ since, from, to }: RunFilter): boolean =>
  since !== null || from !== null || to !== null;

export const isRestricted = (filter: RunFilter): boolean => filter.statuses.length > 0 || isRestrictedInTime(filter);

const firstInstant = ({ since, from }: RunFilter, now: number): number | null =>
  since === null ? from : now - SINCE[since].milliseconds;

/** The same for the API. */
export function apiFilter(workflowId: string, filter: RunFilter, now: number): ExecutionFilter {
  const first = firstInstant(filter, now);
  return {
    workflowId,
    ...(filter.statuses.length > 0 && { status: filter.statuses }),
    ...(first !== null && { queuedSince: toIso(first) }),
    ...(filter.to !== null && { queuedBefore: toIso(filter.to) }),
  };
}

/** The same for an execution heard of. */
export function matchesFilter(
  { status, queuedAt }: Pick<ExecutionRowFragment, "status" | "queuedAt">,
  filter: RunFilter,
  now: number,
): boolean {
  if (filter.statuses.length > 0 && !filter.statuses.includes(status)) return false;
  const queued = Date.parse(queuedAt);
  return queued >= (firstInstant(filter, now) ?? -Infinity) && queued < (filter.to ?? Infinity);
}

const two = (value: number) => String(value).padStart(2, "0");

/** A time as `<input type="datetime-local">` takes it: in the reader's time zone, to the minute. */
export function toLocalInput(time: number | null): string {
  if (time === null) return "";
  const at = new Date(time);
  const date = [String(at.getFullYear()).padStart(4, "0"), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Null for a field that is empty or not filled in to its end. */
export const fromLocalInput = (text: string): number | null => instant(text === "" ? null : text);
