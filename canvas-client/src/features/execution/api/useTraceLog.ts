import { useEffect, useState } from "react";

import { describeError, follow, uncachedClient } from "@/graphql";
import type { LogSpanFragment } from "@/graphql";

import { logEntries } from "../model/logEntries";
import type { LogEntry } from "../model/logEntries";
import { LogSpansDocument, LogUpdatesDocument } from "./documents";

const PAGE = 2_000;

/** A log of more than this is not read line by line; the trace has all of it. */
export const MOST_SPANS = 20_000;

/** Lines are not read faster than they can be seen to change. */
const DRAW_MS = 200;

export interface TraceLog {
  /** Null until the first page has come. */
  readonly entries: readonly LogEntry[] | null;
  /** Spans beyond `MOST_SPANS` are left out. */
  readonly isCut: boolean;
  readonly error: string | null;
}

const readPage = (executionId: string, after: string | null) =>
  uncachedClient.query(LogSpansDocument, { executionId, first: PAGE, after }).toPromise();

/** The log of an execution: read in pages, then live until the trace is complete. */
export function useTraceLog(executionId: string): TraceLog {
  const [log, setLog] = useState<TraceLog>({ entries: null, isCut: false, error: null });

  useEffect(() => {
    const spans = new Map<string, LogSpanFragment>();
    let closed = false;
    let stop: () => void = () => undefined;
    let timer: ReturnType<typeof setTimeout> | null = null;

    const draw = () => {
      timer = null;
      setLog({ entries: logEntries(spans.values()), isCut: spans.size >= MOST_SPANS, error: null });
    };
    const add = (changed: readonly LogSpanFragment[]) => {
      for (const span of changed) {
        const known = spans.get(span.spanId);
        if (known ? known.revision < span.revision : spans.size < MOST_SPANS) spans.set(span.spanId, span);
      }
    };
    const fail = (error: string) => setLog((last) => ({ ...last, error }));

    const read = async () => {
      let cursor: string | null = null;
      let after: string | null = null;
      for (;;) {
        const { data, error }: Awaited<ReturnType<typeof readPage>> = await readPage(executionId, after);
        if (closed) return;
        if (!data?.execution) {
          fail(error ? describeError(error) : "The run does not exist any more.");
          return;
        }
        const { cursor: read, spans: page } = data.execution;
        cursor ??= read;
        add(page.nodes);
        draw();
        after = page.pageInfo.endCursor ?? null;
        if (!page.pageInfo.hasNextPage || after === null || spans.size >= MOST_SPANS) break;
      }
      watch(cursor);
    };

    const watch = (from: string) => {
      let cursor = from;
      stop = follow(LogUpdatesDocument, {
        variables: () => ({ executionId, after: cursor }),
        next: ({ traceUpdates }) => {
          cursor = traceUpdates.cursor;
          if (traceUpdates.spans.length === 0) return;
          add(traceUpdates.spans);
          timer ??= setTimeout(draw, DRAW_MS);
        },
        error: ([error]) => fail(error?.message ?? "The log is no longer live."),
        complete: () => undefined,
      });
    };

    void read();
    return () => {
      closed = true;
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [executionId]);

  return log;
}
