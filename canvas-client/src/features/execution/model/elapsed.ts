interface Timed {
  readonly status: string;
  readonly startedAt?: string | null;
  readonly durationMs?: number | null;
}

/** How long a run took, or has been running; null before it began. */
export function elapsedMs({ status, startedAt, durationMs }: Timed, now: number): number | null {
  if (durationMs != null) return durationMs;
  if (status !== "RUNNING" || !startedAt) return null;
  // The server's clock may be ahead of the reader's.
  return Math.max(0, now - Date.parse(startedAt));
}

export const isUnfinished = ({ status }: { readonly status: string }): boolean =>
  status === "QUEUED" || status === "RUNNING";
