import { useMemo, useState } from "react";

import type { WorkflowGraph } from "../model/workflowGraph";

/** A larger body, or one inside of another, is opened by who wants to see it. */
const SHOWN_UP_TO = 12;

export function foldedAtFirst({ nodes }: WorkflowGraph): ReadonlySet<string> {
  const scopes = new Map(nodes.map(({ id, scope }) => [id, scope]));
  const inside = new Map<string, number>();
  for (const { scope } of nodes) if (scope !== null) inside.set(scope, (inside.get(scope) ?? 0) + 1);
  return new Set(
    Array.from(inside, ([id, count]) => (count > SHOWN_UP_TO || scopes.get(id) !== null ? id : "")).filter(Boolean),
  );
}

/** Which bodies are not shown. What a selected node is inside of is. */
export function useFolds(graph: WorkflowGraph, selectedId: string | null) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const folded = useMemo(() => {
    const ids = new Set(foldedAtFirst(graph));
    for (const [id, isFolded] of chosen) {
      if (isFolded) ids.add(id);
      else ids.delete(id);
    }
    const scopes = new Map(graph.nodes.map(({ id, scope }) => [id, scope]));
    for (let at = scopes.get(selectedId ?? ""); at; at = scopes.get(at)) ids.delete(at);
    return ids;
  }, [graph, chosen, selectedId]);
  const toggle = useMemo(
    () => (id: string) => setChosen((before) => new Map(before).set(id, !folded.has(id))),
    [folded],
  );
  return { folded, toggle };
}
