import { useEffect, useState } from "react";

import { uncachedClient } from "@/graphql";

import { useTrace, type TraceStore } from "../store";
import { queryOf } from "../store/rows";
import { SpanTextSearchQuery } from "./documents";

/** Typing goes on for so long before the server is asked. */
const SETTLED_MS = 300;
const SHORTEST = 2;
const MOST = 10_000;

/** Has the server look for the query's words in attributes, inputs and outputs, which are not loaded here. Answers whether it is at it. */
export function useServerSearch(store: TraceStore): boolean {
  const text = useTrace((state) => queryOf(state)?.text ?? null);
  const version = useTrace((state) => (state.load.phase === "loaded" ? 1 : 0));
  const [askedFor, setAskedFor] = useState<string | null>(null);
  const known = useTrace((state) => state.found?.text ?? null);

  useEffect(() => {
    if (text === null || text.length < SHORTEST) return;
    let stale = false;
    const timer = setTimeout(() => {
      setAskedFor(text);
      const { executionId } = store.getState();
      void uncachedClient
        .query(SpanTextSearchQuery, { executionId, text, first: MOST })
        .toPromise()
        .then(({ data }) => {
          if (stale) return;
          const spans = data?.execution?.spans;
          const spanIds = new Set(spans?.nodes.map(({ spanId }) => spanId));
          store.setState({ found: { text, spanIds, cut: spans?.pageInfo.hasNextPage ?? false } });
        });
    }, SETTLED_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [store, text, version]);

  return text !== null && askedFor === text && known !== text;
}
