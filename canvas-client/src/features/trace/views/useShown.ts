import { useMemo } from "react";

import { useTrace } from "../store";
import { hitsOf, matchesOf } from "../store/rows";

/** 1 for each span that the filters of the trace let through and its search hits; null for all. */
export function useShown(): Uint8Array | null {
  const matches = useTrace(matchesOf);
  const hits = useTrace((state) => hitsOf(state)?.flags ?? null);
  return useMemo(() => {
    if (matches === null || hits === null) return matches ?? hits;
    return matches.map((flag, index) => flag & (hits[index] ?? 0));
  }, [matches, hits]);
}
