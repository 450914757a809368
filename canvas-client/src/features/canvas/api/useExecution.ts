import { useCallback, useEffect, useReducer, useState } from "react";

import { describeError, follow, uncachedClient } from "@/graphql";
import type { CanvasExecutionQuery } from "@/graphql";

import { CanvasExecutionDocument, CanvasTraceUpdatesDocument } from "./documents";
import { throttled } from "./throttle";

export type CanvasExecution = NonNullable<CanvasExecutionQuery["execution"]>;

export interface ExecutionState {
  readonly phase: "none" | "loading" | "loaded" | "failed" | "missing" | "deleted";
  readonly execution: CanvasExecution | null;
  readonly message: string | null;
  /** It is followed: what is shown changes with it. */
  readonly live: boolean;
  readonly retry: () => void;
}

type Known = Omit<ExecutionState, "retry">;

/** The states of all nodes are read again at most this often while a run goes on. */
const READ_EVERY_MS = 500;

/** The wait before a feed that the server ended is asked for again. */
const FOLLOW_AGAIN_MS = 2_000;

const NOTHING: Known = { phase: "none", execution: null, message: null, live: false };

type Step =
  | { readonly type: "read"; readonly execution: CanvasExecution | null }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "live"; readonly live: boolean }
  | { readonly type: "deleted" };

/** What is known stays when reading fails, and when the run is deleted. */
function reduce(known: Known, step: Step): Known {
  switch (step.type) {
    case "read":
      if (step.execution) return { ...known, phase: "loaded", execution: step.execution, message: null };
      return known.execution ? { ...known, phase: "deleted", live: false } : { ...known, phase: "missing" };
    case "failed":
      return { ...known, phase: "failed", message: step.message };
    case "live":
      return { ...known, live: step.live };
    case "deleted":
      return { ...known, phase: "deleted", live: false };
  }
}

const isFinal = ({ status }: CanvasExecution) => status !== "QUEUED" && status !== "RUNNING";

/** How the nodes of an execution run, followed until it is over. */
export function useExecution(executionId: string | null): ExecutionState {
  const [attempt, setAttempt] = useState(0);
  const key = executionId === null ? null : `${executionId} ${attempt}`;
  const [state, dispatch] = useReducer(reduceKeyed, { key: null, known: NOTHING });
  const retry = useCallback(() => setAttempt((count) => count + 1), []);

  useEffect(() => {
    if (executionId === null || key === null) return;
    return followExecution(executionId, (step) => dispatch({ key, step }));
  }, [executionId, key]);

  if (executionId === null) return { ...NOTHING, retry };
  const current = state.key === key ? state.known : { ...NOTHING, phase: "loading" as const };
  return { ...current, retry };
}

interface Keyed {
  readonly key: string | null;
  readonly known: Known;
}

/** What is told of another execution than the one looked at starts afresh. */
function reduceKeyed(state: Keyed, { key, step }: { readonly key: string; readonly step: Step }): Keyed {
  const known = state.key === key ? state.known : { ...NOTHING, phase: "loading" as const };
  return { key, known: reduce(known, step) };
}

function followExecution(executionId: string, tell: (step: Step) => void): () => void {
  let over = false;
  let cursor: string | null = null;
  let unfollow: (() => void) | null = null;
  let again: ReturnType<typeof setTimeout> | null = null;

  const read = async () => {
    const { data, error } = await uncachedClient.query(CanvasExecutionDocument, { executionId }).toPromise();
    if (over) return;
    if (!data) {
      tell({ type: "failed", message: error ? describeError(error) : "The server gave no answer." });
      return;
    }
    tell({ type: "read", execution: data.execution });
    if (!data.execution) {
      stop();
      return;
    }
    cursor ??= data.execution.cursor;
    // Spans of a run that is over may still arrive; the feed tells when nothing is expected any more.
    if (!unfollow && !isFinal(data.execution)) listen();
  };
  const reading = throttled(read, READ_EVERY_MS);

  function listen() {
    tell({ type: "live", live: true });
    unfollow = follow(CanvasTraceUpdatesDocument, {
      variables: () => ({ executionId, after: cursor }),
      next: ({ traceUpdates }) => {
        cursor = traceUpdates.cursor;
        reading.ask();
      },
      error: ([first]) => {
        tell({ type: "live", live: false });
        if (first?.reason === "DELETED") tell({ type: "deleted" });
        else again = setTimeout(listen, FOLLOW_AGAIN_MS);
      },
      complete: () => {
        tell({ type: "live", live: false });
        reading.ask();
      },
    });
  }
  function stop() {
    unfollow?.();
    if (again !== null) clearTimeout(again);
  }

  reading.ask();
  return () => {
    over = true;
    reading.stop();
    stop();
  };
}
