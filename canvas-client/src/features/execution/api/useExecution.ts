import { useQuery } from "urql";
import { useState } from "react";

import { useExecutionUpdates } from "@/graphql";
import type { ExecutionRowFragment } from "@/graphql";
import { useThrottled } from "@/ui";

import { ExecutionDetailsDocument } from "./documents";

/** Outputs and artifacts come with a run's end; until then its sums are all that changes. */
const READ_AGAIN_MS = 1_000;

/** One execution, kept up to date. */
export function useExecution(executionId: string, workflowId: string | null) {
  const [{ data, error }, execute] = useQuery({
    query: ExecutionDetailsDocument,
    variables: { executionId },
    requestPolicy: "cache-and-network",
  });
  const [heard, setHeard] = useState<{ readonly since: typeof data; readonly row: ExecutionRowFragment } | null>(null);
  const [deleted, setDeleted] = useState(false);
  const read = data?.execution;
  const readAgain = () => execute({ requestPolicy: "network-only" });
  const readAgainSoon = useThrottled(readAgain, READ_AGAIN_MS);

  useExecutionUpdates(workflowId, {
    onUpdate: ({ executionId: changed, execution }) => {
      if (changed !== (read?.executionId ?? executionId)) return;
      if (!execution) {
        setDeleted(true);
        return;
      }
      setHeard({ since: data, row: execution });
      readAgainSoon();
    },
    onGap: readAgain,
  });

  const execution = read && heard?.since === data ? { ...read, ...heard.row } : read;
  return { execution, deleted, missing: data !== undefined && !read, error, readAgain };
}
