import { useEffect, useState } from "react";

import { describeError, uncachedClient } from "@/graphql";
import type { TraceUsageQuery } from "@/graphql";

import { useTrace } from "../../store";
import { TraceUsageDocument } from "./documents";

export type TraceUsage = NonNullable<TraceUsageQuery["execution"]>;

interface ReadUsage {
  readonly usage: TraceUsage | null;
  readonly error: string | null;
  readonly readAgain: () => void;
}

/** Sums are counted by the server, so they are read again when the trace's own have grown, and not more often than this. */
const EVERY_MS = 1_500;

/** What the trace used, by model and by node. */
export function useTraceUsage(): ReadUsage {
  const executionId = useTrace((state) => state.executionId);
  // Of the execution, which comes with each update of the trace.
  const total = useTrace((state) => state.execution?.tokenUsage.total ?? 0);
  const [tries, setTries] = useState(0);
  const [read, setRead] = useState<{ usage: TraceUsage | null; error: string | null; at: number }>({
    usage: null,
    error: null,
    at: 0,
  });
  const { at } = read;

  useEffect(() => {
    let over = false;
    const timer = setTimeout(
      () => {
        void uncachedClient
          .query(TraceUsageDocument, { executionId })
          .toPromise()
          .then(({ data, error }) => {
            if (over) return;
            setRead((old) => ({
              usage: data?.execution ?? old.usage,
              error: error ? describeError(error) : null,
              at: Date.now(),
            }));
          });
      },
      Math.max(0, at + EVERY_MS - Date.now()),
    );
    return () => {
      over = true;
      clearTimeout(timer);
    };
    // Not when it has been read: only when there is more to read.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [executionId, total, tries]);

  return { usage: read.usage, error: read.error, readAgain: () => setTries(tries + 1) };
}
