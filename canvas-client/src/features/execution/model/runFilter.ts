import type { ExecutionFilter, ExecutionRowFragment, ExecutionStatus } from "@/graphql";

/** Which runs the list shows; kept in the address as `runStatus` and `runSince`. */
export interface RunFilter {
  /** Empty for any. */
  readonly statuses: readonly ExecutionStatus[];
  readonly since: SinceKey | null;
}

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

/** What the address says; what it says wrongly does not restrict. */
export function readRunFilter(params: URLSearchParams): RunFilter {
  const named = params.get("runStatus")?.toUpperCase().split(",") ?? [];
  const since = params.get("runSince");
  return { statuses: STATUS_VALUES.filter((status) => named.includes(status)), since: isSince(since) ? since : null };
}

export function writeRunFilter(params: URLSearchParams, { statuses, since }: RunFilter): void {
  if (statuses.length > 0) params.set("runStatus", statuses.join(",").toLowerCase());
  else params.delete("runStatus");
  if (since) params.set("runSince", since);
  else params.delete("runSince");
}

export const isRestricted = ({ statuses, since }: RunFilter): boolean => statuses.length > 0 || since !== null;

/** The same for the API. */
export function apiFilter(workflowId: string, { statuses, since }: RunFilter, now: number): ExecutionFilter {
  return {
    workflowId,
    ...(statuses.length > 0 && { status: statuses }),
    ...(since && { queuedSince: new Date(now - SINCE[since].milliseconds).toISOString() }),
  };
}

/** The same for an execution heard of. */
export function matchesFilter(
  { status, queuedAt }: Pick<ExecutionRowFragment, "status" | "queuedAt">,
  { statuses, since }: RunFilter,
  now: number,
): boolean {
  if (statuses.length > 0 && !statuses.includes(status)) return false;
  return since === null || Date.parse(queuedAt) >= now - SINCE[since].milliseconds;
}
