import { useCallback, useEffect, useReducer, useRef } from "react";

import { describeError, uncachedClient, useExecutionUpdates } from "@/graphql";
import type { ExecutionUpdate } from "@/graphql";

import { apiFilter, matchesFilter } from "../model/runFilter";
import type { RunFilter } from "../model/runFilter";
import { appendPage, applyUpdate } from "../model/runList";
import type { RunList } from "../model/runList";
import { ExecutionsDocument } from "./documents";

const PAGE = 50;

/** The most that the API gives in one page. */
const LARGEST_PAGE = 1_000;

interface State {
  /** Null until the first page has come. */
  readonly list: RunList | null;
  readonly loading: boolean;
  readonly error: string | null;
}

type Action =
  | { readonly kind: "asked"; readonly afresh: boolean }
  | { readonly kind: "answered"; readonly page: RunList; readonly appended: boolean }
  | { readonly kind: "failed"; readonly error: string }
  | { readonly kind: "heard"; readonly update: ExecutionUpdate; readonly filter: RunFilter };

function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case "asked":
      return { list: action.afresh ? null : state.list, loading: true, error: null };
    case "answered":
      return {
        list: action.appended && state.list ? appendPage(state.list, action.page) : action.page,
        loading: false,
        error: null,
      };
    case "failed":
      return { ...state, loading: false, error: action.error };
    case "heard": {
      if (!state.list) return state;
      const now = Date.now();
      return {
        ...state,
        list: applyUpdate(state.list, action.update, (run) => matchesFilter(run, action.filter, now)),
      };
    }
  }
}

/** The runs of a workflow that match, newest first, page by page and live. */
export function useRuns(workflowId: string, filter: RunFilter) {
  const [state, dispatch] = useReducer(reduce, { list: null, loading: true, error: null });
  // Answers to what is no longer asked are not wanted.
  const asked = useRef(0);
  const filterKey = JSON.stringify(filter);

  const read = useCallback(
    async (first: number, after: string | null) => {
      asked.current += 1;
      const turn = asked.current;
      const wanted = JSON.parse(filterKey) as RunFilter;
      const variables = { filter: apiFilter(workflowId, wanted, Date.now()), first, after };
      const { data, error } = await uncachedClient.query(ExecutionsDocument, variables).toPromise();
      if (turn !== asked.current) return;
      if (!data) {
        dispatch({ kind: "failed", error: error ? describeError(error) : "The server gave no answer." });
        return;
      }
      const { nodes, pageInfo } = data.executions;
      const page = { runs: nodes, next: pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null };
      dispatch({ kind: "answered", page, appended: after !== null });
    },
    [workflowId, filterKey],
  );

  useEffect(() => {
    dispatch({ kind: "asked", afresh: true });
    void read(PAGE, null);
    return () => {
      asked.current += 1;
    };
  }, [read]);

  const readAgain = () => {
    dispatch({ kind: "asked", afresh: false });
    void read(Math.min(LARGEST_PAGE, Math.max(PAGE, state.list?.runs.length ?? 0)), null);
  };

  const loadMore = () => {
    const next = state.list?.next;
    if (!next || state.loading) return;
    dispatch({ kind: "asked", afresh: false });
    void read(PAGE, next);
  };

  useExecutionUpdates(workflowId, {
    onUpdate: (update) => dispatch({ kind: "heard", update, filter }),
    onGap: readAgain,
  });

  return {
    runs: state.list?.runs ?? null,
    hasMore: state.list?.next != null,
    loading: state.loading,
    error: state.error,
    readAgain,
    loadMore,
  };
}
