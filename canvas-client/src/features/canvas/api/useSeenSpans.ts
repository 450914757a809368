import { useEffect } from "react";
import { useQuery } from "urql";

import type { SeenSpan } from "../model/derivedGraph";
import { CanvasSpansDocument } from "./documents";
import type { CanvasExecution } from "./useExecution";

/** The spans of an execution, as far as its graph is drawn from them; null until they are read. */
export function useSeenSpans(execution: CanvasExecution | null): readonly SeenSpan[] | null {
  const [{ data }, readAgain] = useQuery({
    query: CanvasSpansDocument,
    variables: { executionId: execution?.executionId ?? "" },
    pause: execution === null,
  });
  // Nodes that come or come again may change the graph; the states of those that are there do not.
  const visits = execution?.nodes.reduce((sum, node) => sum + node.visits, 0) ?? 0;
  const isOver = execution !== null && execution.status !== "QUEUED" && execution.status !== "RUNNING";
  useEffect(() => {
    if (visits > 0) readAgain({ requestPolicy: "network-only" });
  }, [visits, isOver, readAgain]);
  return data?.execution?.spans.nodes ?? null;
}
