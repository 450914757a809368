import { Position } from "@xyflow/react";

import type { GraphLayout } from "../model/layout";
import { shownNodes } from "../model/layout";
import type { WorkflowGraph } from "../model/workflowGraph";
import type { FlowEdgeType } from "./FlowEdge";
import type { CardNode, MarkerNode } from "./NodeCard";

/** The lines have places of their own; the library only wants to know that there is something to hold on to. */
const HANDLES = (["source", "target"] as const).map((type) => ({
  type,
  position: Position.Left,
  x: 0,
  y: 0,
  width: 1,
  height: 1,
}));

/** The cards, as the library takes them. A frame lies below the lines inside of it, and these below their cards. */
export function flowNodes(
  graph: WorkflowGraph,
  folded: ReadonlySet<string>,
  { boxes }: GraphLayout,
): (CardNode | MarkerNode)[] {
  const depths = depthsOf(graph);
  const inside = new Map<string, number>();
  for (const { scope, role } of graph.nodes) {
    if (scope !== null && role !== "start" && role !== "end") inside.set(scope, (inside.get(scope) ?? 0) + 1);
  }
  return shownNodes(graph, folded).flatMap((node): (CardNode | MarkerNode)[] => {
    const box = boxes.get(node.id);
    if (!box) return [];
    const { x, y, width, height } = box;
    const place = {
      id: node.id,
      position: { x, y },
      width,
      height,
      measured: { width, height },
      zIndex: 2 * (depths.get(node.id) ?? 0) + 1,
      handles: HANDLES,
    };
    if (node.role === "start" || node.role === "end") return [{ ...place, type: "marker", data: { node } }];
    return [{ ...place, type: "card", data: { node, inside: inside.get(node.id) ?? 0 } }];
  });
}

export function flowEdges(graph: WorkflowGraph, { routes }: GraphLayout): FlowEdgeType[] {
  const depths = depthsOf(graph);
  return graph.edges.flatMap((edge) => {
    const route = routes.get(edge.id);
    const { id, source, target } = edge;
    return route
      ? [{ id, source, target, type: "flow", zIndex: 2 * (depths.get(source) ?? 0), data: { edge, route } }]
      : [];
  });
}

function depthsOf({ nodes }: WorkflowGraph): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (const { id, scope } of nodes) depths.set(id, scope === null ? 0 : (depths.get(scope) ?? 0) + 1);
  return depths;
}
