import { describeError, follow, uncachedClient, useConnection } from "@/graphql";
import type { ExecutionProgressFragment, TraceArtifactFragment } from "@/graphql/generated/graphql";

import type { ArtifactSummary, ExecutionSummary } from "../store/traceState";
import type { TraceStore } from "../store/traceStore";
import { OpenTraceQuery, TracePageQuery, TraceUpdatesSubscription } from "./documents";
import { READ_WHOLE_UP_TO, ReadOnDemand } from "./readOnDemand";
import { TraceFeed } from "./traceFeed";

/** Enough to fill any screen, so that the tree is there at once. */
const FIRST_PAGE = 500;
/** What is parsed without missing a frame. */
const PAGE = 5_000;
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000] as const;

export interface OpenTrace {
  /** Goes on where reading failed, as it does by itself when the server is back. */
  readonly retry: () => void;
  readonly close: () => void;
}

/**
 * Reads an execution's trace into the store, page by page, and follows it until it is complete. The feed starts at the cursor of the
 * first answer, so that nothing which changes while the pages are read is missed.
 */
export function openTrace(store: TraceStore): OpenTrace {
  const { executionId } = store.getState();
  const feed = new TraceFeed(store);
  let closed = false;
  const isClosed = () => closed;
  let resume: () => void = start;
  let unfollow: (() => void) | null = null;
  let onDemand: ReadOnDemand | null = null;

  function start(): void {
    feed.load({ phase: "loading" });
    resume = start;
    void uncachedClient
      .query(OpenTraceQuery, { executionId, first: FIRST_PAGE })
      .toPromise()
      .then(({ data, error }) => {
        if (isClosed()) return;
        if (data?.execution == null) {
          feed.load(error ? { phase: "failed", message: describeError(error) } : { phase: "missing" });
          return;
        }
        const { execution } = data;
        const live = execution.status === "QUEUED" || execution.status === "RUNNING";
        if (live) feed.watchLive();
        feed.execution({
          executionId: execution.executionId,
          traceId: execution.traceId,
          queuedAt: execution.queuedAt,
          workflowId: execution.workflow?.workflowId ?? null,
          workflowName: execution.workflow?.name ?? null,
          workflowVersion: execution.workflowVersion ?? null,
          externalLinks: execution.externalLinks,
          ...progressOf(execution),
        });
        feed.artifacts(execution.artifacts.nodes.map(artifactOf));
        if (execution.spanCount > READ_WHOLE_UP_TO) {
          feed.flushNow();
          readOnDemand(execution.cursor);
          return;
        }
        feed.spans(execution.spans.nodes, false);
        feed.flushNow();
        if (live) watch(execution.cursor);
        const { hasNextPage, endCursor } = execution.spans.pageInfo;
        const loaded = () => {
          feed.load({ phase: "loaded" });
          if (!live) watch(execution.cursor);
        };
        if (hasNextPage) readPages(endCursor ?? null, loaded);
        else loaded();
      });
  }

  function readOnDemand(cursor: string): void {
    feed.load({ phase: "loading" });
    resume = () => readOnDemand(cursor);
    onDemand = new ReadOnDemand(store, feed);
    void onDemand.readRoots().then((problem) => {
      if (isClosed()) return;
      feed.load(problem === null ? { phase: "loaded" } : { phase: "failed", message: problem });
      if (problem === null && unfollow === null) watch(cursor);
    });
  }

  function readPages(after: string | null, loaded: () => void): void {
    feed.load({ phase: "loading" });
    resume = () => readPages(after, loaded);
    void uncachedClient
      .query(TracePageQuery, { executionId, first: PAGE, after })
      .toPromise()
      .then(async ({ data, error }) => {
        if (isClosed()) return;
        if (data?.execution == null) {
          feed.load(error ? { phase: "failed", message: describeError(error) } : { phase: "deleted" });
          return;
        }
        const { nodes, pageInfo } = data.execution.spans;
        feed.spans(nodes, false);
        // The server reads the next page while this one is merged.
        if (pageInfo.hasNextPage) readPages(pageInfo.endCursor ?? null, loaded);
        else {
          await feed.drained();
          if (!isClosed()) loaded();
        }
      });
  }

  function watch(from: string): void {
    let cursor = from;
    let failures = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop = subscribe();
    feed.link({ state: "connecting" });
    const unobserve = useConnection.subscribe(({ live, lostAt }) => {
      const { link } = store.getState();
      if (live === "reconnecting" && link.state !== "complete" && link.state !== "off") {
        feed.link({ state: "reconnecting", sinceMs: lostAt ?? Date.now() });
      }
    });
    unfollow = () => {
      clearTimeout(timer);
      unobserve();
      stop();
    };

    function subscribe(): () => void {
      return follow(TraceUpdatesSubscription, {
        variables: () => ({ executionId, after: cursor }),
        next: ({ traceUpdates: update }) => {
          cursor = update.cursor;
          failures = 0;
          feed.execution(progressOf(update.execution));
          feed.artifacts(update.artifacts.map(artifactOf));
          feed.spans(onDemand?.touched(update.spans) ?? update.spans, update.caughtUp);
          if (update.complete) {
            feed.link({ state: "complete" });
            unfollow?.();
          } else if (store.getState().link.state !== "live") feed.link({ state: "live" });
        },
        error: (errors) => {
          if (errors.some(({ code, reason }) => code === "NOT_FOUND" || reason === "DELETED")) {
            feed.link({ state: "off" });
            feed.load({ phase: "deleted" });
          } else again();
        },
        complete: again,
      });
    }

    function again(): void {
      if (isClosed() || store.getState().link.state === "complete") return;
      const { link } = store.getState();
      if (link.state !== "reconnecting") feed.link({ state: "reconnecting", sinceMs: Date.now() });
      const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
      failures += 1;
      timer = setTimeout(() => (stop = subscribe()), wait);
    }
  }

  start();
  const unobserveReturn = useConnection.subscribe(({ recoveries }, before) => {
    if (recoveries !== before.recoveries && store.getState().load.phase === "failed") resume();
  });
  return {
    retry: () => resume(),
    close: () => {
      closed = true;
      unobserveReturn();
      unfollow?.();
      feed.stop();
    },
  };
}

type Progress = Pick<
  ExecutionSummary,
  | "status"
  | "startedAt"
  | "finishedAt"
  | "durationMs"
  | "spanCount"
  | "errorCount"
  | "error"
  | "tokenUsage"
  | "rootSpanId"
>;

function progressOf(execution: ExecutionProgressFragment): Progress {
  const { error, tokenUsage } = execution;
  return {
    status: execution.status,
    startedAt: execution.startedAt ?? null,
    finishedAt: execution.finishedAt ?? null,
    durationMs: execution.durationMs ?? null,
    spanCount: execution.spanCount,
    errorCount: execution.errorCount,
    error: error == null ? null : { code: error.code, message: error.message, nodeId: error.nodeId ?? null },
    tokenUsage: { ...tokenUsage, costUsd: tokenUsage.costUsd ?? null },
    rootSpanId: execution.rootSpan?.spanId ?? null,
  };
}

function artifactOf(artifact: TraceArtifactFragment): ArtifactSummary {
  const { span, ...rest } = artifact;
  return { ...rest, spanId: span?.spanId ?? null };
}
