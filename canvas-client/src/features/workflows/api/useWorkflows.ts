import { useCallback, useMemo, useState } from "react";
import { useQuery } from "urql";

import { useExecutionUpdates } from "@/graphql";
import { useThrottled } from "@/ui";

import { RUNS_SHOWN, applyRunUpdate } from "../model/applyRunUpdate";
import { WorkflowsDocument } from "./documents";
import type { WorkflowRowData } from "./documents";

const PAGE = 50;

/** Sums change with every commit of a run; nobody reads them faster than this. */
const READ_AGAIN_MS = 2_000;

/** The workflows whose name or id contains `search`, kept up to date. */
export function useWorkflows(search: string) {
  const [pages, setPages] = useState(1);
  const [{ data, error, fetching }, execute] = useQuery({
    query: WorkflowsDocument,
    variables: { search, first: pages * PAGE, runs: RUNS_SHOWN },
    requestPolicy: "cache-and-network",
  });
  const answered = data?.workflows.nodes;
  const [live, setLive] = useState<{ readonly from: typeof answered; readonly rows: readonly WorkflowRowData[] }>();
  // What was heard since the list was read counts until it is read again.
  const rows = live && live.from === answered ? live.rows : answered;

  const readAgain = useCallback(() => execute({ requestPolicy: "network-only" }), [execute]);
  const readAgainSoon = useThrottled(readAgain, READ_AGAIN_MS);

  useExecutionUpdates(null, {
    onUpdate: (update) => {
      if (rows) setLive({ from: answered, rows: applyRunUpdate(rows, update) });
      readAgainSoon();
    },
    onGap: readAgain,
  });

  const hasMore = data?.workflows.pageInfo.hasNextPage ?? false;
  return useMemo(
    () => ({ rows, error, fetching, readAgain, loadMore: hasMore ? () => setPages((known) => known + 1) : null }),
    [rows, error, fetching, readAgain, hasMore],
  );
}
