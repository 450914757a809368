import { useEffect, useState } from "react";

import { uncachedClient } from "@/graphql";

import { CanvasSpanNodeDocument } from "./documents";

/** Each step up is one request for three levels: enough for the deepest nesting that is met. */
const MOST_STEPS = 12;

const NONE: readonly string[] = [];

/** The nodes that a span is in, the innermost first; empty while they are not known, and when there are none. */
export function useNodesOfSpan(executionId: string | null, spanId: string | null): readonly string[] {
  const [found, setFound] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  const key = executionId === null || spanId === null ? null : `${executionId} ${spanId}`;
  const known = key === null ? NONE : found.get(key);
  const asks = known === undefined;

  useEffect(() => {
    if (executionId === null || spanId === null || key === null || !asks) return;
    let over = false;
    void findNodes(executionId, spanId).then((nodes) => {
      if (!over) setFound((before) => new Map(before).set(key, nodes));
    });
    return () => {
      over = true;
    };
  }, [executionId, spanId, key, asks]);

  return known ?? NONE;
}

async function readSpan(executionId: string, spanId: string) {
  const { data } = await uncachedClient.query(CanvasSpanNodeDocument, { executionId, spanId }).toPromise();
  return data?.execution?.span;
}

async function findNodes(executionId: string, spanId: string): Promise<readonly string[]> {
  const nodes = new Set<string>();
  let at: string | null = spanId;
  for (let step = 0; at !== null && step < MOST_STEPS; step += 1) {
    const span = await readSpan(executionId, at);
    if (!span) break;
    const levels = [span, span.parent, span.parent?.parent].filter((level) => level !== null && level !== undefined);
    for (const { nodeId } of levels) if (nodeId !== null) nodes.add(nodeId);
    at = levels.at(-1)?.parentSpanId ?? null;
  }
  return [...nodes];
}
