import { createContext, useCallback, useContext, useEffect, useMemo } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";

export const WORKFLOW_TABS = ["canvas", "execution", "trace"] as const;

export type WorkflowTab = (typeof WORKFLOW_TABS)[number];

interface NavigationOptions {
  /** Instead of a new entry in the history: for what is no step of the reader's own. */
  readonly replace?: boolean;
}

export interface WorkflowRoute {
  /** Null for an execution that belongs to no workflow; it is shown under `/traces/…`. */
  readonly workflowId: string | null;
  readonly tab: WorkflowTab;
  readonly executionId: string | null;
  readonly spanId: string | null;
  /** The whole query string, for what a feature keeps in it besides. */
  readonly params: URLSearchParams;
  /** Another execution: its span goes, what else a feature keeps stays. */
  readonly setExecution: (executionId: string | null, options?: NavigationOptions) => void;
  readonly setSpan: (spanId: string | null, options?: NavigationOptions) => void;
  /** The same execution and span on another tab; nothing happens without a workflow. */
  readonly setTab: (tab: WorkflowTab) => void;
  /** Changes the query string. The function is given a copy that it may write to. */
  readonly setParams: (change: (params: URLSearchParams) => void, options?: NavigationOptions) => void;
}

/** What the path says; the query string says the rest. `executionId` is set where the path names a trace. */
export interface WorkflowRoutePath {
  readonly workflowId: string | null;
  readonly tab: WorkflowTab;
  readonly executionId?: string;
}

export const WorkflowRoutePathContext = createContext<WorkflowRoutePath | null>(null);

export const workflowPath = (workflowId: string, tab: WorkflowTab, query = ""): string =>
  `/workflows/${encodeURIComponent(workflowId)}/${tab}${query}`;

/** The address of an execution's trace, also of one without a workflow. */
export function tracePath(target: {
  workflowId: string | null;
  executionId: string;
  traceId: string;
  spanId?: string;
}): string {
  const params = new URLSearchParams();
  if (target.workflowId !== null) params.set("execution", target.executionId);
  if (target.spanId) params.set("span", target.spanId);
  const query = params.size > 0 ? `?${params.toString()}` : "";
  return target.workflowId === null
    ? `/traces/${target.traceId}${query}`
    : workflowPath(target.workflowId, "trace", query);
}

type WriteNow = () => URLSearchParams;

const late: WriteNow[] = [];

/**
 * For a feature that writes its part of the address once the reader pauses: before another tab takes the address over, a link
 * leads away, or the page goes into the background, `writeNow` is called. It answers the query string as it is then.
 */
export function useLateParams(writeNow: WriteNow): void {
  useEffect(() => {
    late.push(writeNow);
    // Before the handlers of the page, which navigate.
    document.addEventListener("click", writeNow, { capture: true });
    // A page in the background may be discarded.
    document.addEventListener("visibilitychange", writeNow);
    return () => {
      late.splice(late.indexOf(writeNow), 1);
      document.removeEventListener("click", writeNow, { capture: true });
      document.removeEventListener("visibilitychange", writeNow);
    };
  }, [writeNow]);
}

/** Reads and writes the address of a workflow's page; the only place that does. */
export function useWorkflowRoute(): WorkflowRoute {
  const path = useContext(WorkflowRoutePathContext);
  if (!path) throw new Error("useWorkflowRoute is for the inside of a workflow's page");
  const [params, setSearchParams] = useSearchParams();
  const { search } = useLocation();
  const navigate = useNavigate();
  const { workflowId, tab } = path;

  const setParams = useCallback<WorkflowRoute["setParams"]>(
    (change, { replace = false } = {}) => {
      setSearchParams(
        (current) => {
          const next = new URLSearchParams(current);
          change(next);
          return next;
        },
        { replace },
      );
    },
    [setSearchParams],
  );

  const setSpan = useCallback<WorkflowRoute["setSpan"]>(
    (spanId, options) => setParams((next) => put(next, "span", spanId), options),
    [setParams],
  );

  const setExecution = useCallback<WorkflowRoute["setExecution"]>(
    (executionId, options) =>
      setParams((next) => {
        put(next, "execution", executionId);
        next.delete("span");
      }, options),
    [setParams],
  );

  const setTab = useCallback<WorkflowRoute["setTab"]>(
    (next) => {
      if (workflowId === null) return;
      const written = late.at(-1)?.();
      void navigate(workflowPath(workflowId, next, written === undefined ? search : `?${written.toString()}`));
    },
    [navigate, search, workflowId],
  );

  return useMemo(
    () => ({
      workflowId,
      tab,
      executionId: path.executionId ?? params.get("execution"),
      spanId: params.get("span"),
      params,
      setExecution,
      setSpan,
      setTab,
      setParams,
    }),
    [workflowId, tab, path.executionId, params, setExecution, setSpan, setTab, setParams],
  );
}

function put(params: URLSearchParams, name: string, value: string | null): void {
  if (value === null) params.delete(name);
  else params.set(name, value);
}
