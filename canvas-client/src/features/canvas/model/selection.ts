import type { NodeRun } from "./nodeStates";
import type { GraphNode, WorkflowGraph } from "./workflowGraph";

/** The node that runs told under a name belong to: itself, or the one whose body has it. */
export function nodesCalled({ nodes }: WorkflowGraph, name: string): readonly GraphNode[] {
  const own = nodes.filter((node) => node.name === name);
  return own.length > 0 ? own : nodes.filter(({ bodyName }) => bodyName === name);
}

interface Chosen {
  readonly spanId: string | null;
  /** The nodes that the span is in, the innermost first. */
  readonly nodesOfSpan: readonly string[];
  /** The node of the address. */
  readonly nodeId: string | null;
  readonly runs: ReadonlyMap<string, NodeRun>;
}

/**
 * The selected node: the innermost one of the graph that the span is in. The address names the node where there is no span,
 * and where several nodes share a name.
 */
export function selectedNode(graph: WorkflowGraph, { spanId, nodesOfSpan, nodeId, runs }: Chosen): GraphNode | null {
  const named = graph.nodes.find(({ id }) => id === nodeId) ?? null;
  if (spanId === null) return named;
  const last = Array.from(runs.values()).find(({ lastSpanId }) => lastSpanId === spanId)?.nodeId;
  for (const name of last === undefined ? nodesOfSpan : [last, ...nodesOfSpan]) {
    const called = nodesCalled(graph, name);
    if (called.length > 0) return called.find(({ id }) => id === named?.id) ?? called[0]!;
  }
  return null;
}

/** Writes a selection to the address. */
export function writeSelection(
  params: URLSearchParams,
  graph: WorkflowGraph,
  node: GraphNode | null,
  run: NodeRun | null,
  executionId: string | null,
): void {
  params.delete("span");
  params.delete("node");
  if (node === null) return;
  if (run !== null && executionId !== null) {
    params.set("execution", executionId);
    params.set("span", run.lastSpanId);
    if (nodesCalled(graph, node.name).length > 1) params.set("node", node.id);
  } else {
    params.set("node", node.id);
  }
}
