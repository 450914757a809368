import type { ExecutionRowFragment, ExecutionUpdate } from "@/graphql";

/** The runs read so far, newest first: execution ids sort by time. */
export interface RunList {
  readonly runs: readonly ExecutionRowFragment[];
  /** Where the next page begins; null when there is none. */
  readonly next: string | null;
}

const newestFirst = (a: ExecutionRowFragment, b: ExecutionRowFragment) => (a.executionId < b.executionId ? 1 : -1);

/** The list with another page at its end. A run that was heard of meanwhile is newer than the page's copy of it. */
export function appendPage(list: RunList, page: RunList): RunList {
  const known = new Set(list.runs.map(({ executionId }) => executionId));
  const added = page.runs.filter(({ executionId }) => !known.has(executionId));
  return { runs: [...list.runs, ...added].sort(newestFirst), next: page.next };
}

/** The list after an update; `matches` is the list's filter. The same object when nothing changes. */
export function applyUpdate(
  list: RunList,
  { executionId, execution }: ExecutionUpdate,
  matches: (run: ExecutionRowFragment) => boolean,
): RunList {
  const { runs, next } = list;
  const at = runs.findIndex((run) => run.executionId === executionId);
  if (!execution || !matches(execution)) {
    return at < 0 ? list : { runs: runs.toSpliced(at, 1), next };
  }
  if (at >= 0) return { runs: runs.with(at, execution), next };
  const last = runs.at(-1);
  // It belongs to a page that has not been read.
  if (next !== null && last && executionId < last.executionId) return list;
  return { runs: [...runs, execution].sort(newestFirst), next };
}
