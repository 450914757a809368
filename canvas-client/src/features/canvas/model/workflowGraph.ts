/** A workflow as a graph: what is drawn, without places and without states. */

/** What is inside of a node: for each item of a list, a workflow of its own, steps one after the other, an agent's tools. */
export type BodyKind = "each" | "workflow" | "steps" | "tools";

export interface GraphNode {
  /** Unique in the graph: the names on the way to it. */
  readonly id: string;
  /** By which executions tell how it ran; several nodes inside of others may share one. Empty where they do not tell. */
  readonly name: string;
  readonly label: string;
  readonly role: "start" | "end" | "node" | "decider";
  readonly type: string | null;
  /** The node that it is inside of. */
  readonly scope: string | null;
  readonly body: BodyKind | null;
  /** The name under which each round of the body runs, where it has one of its own. */
  readonly bodyName: string | null;
  /** The workflow that it runs by id. */
  readonly workflowId: string | null;
  /** Where it stands in the document; empty for what is not written there. */
  readonly path: readonly (string | number)[];
  /** What is written there. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface GraphEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly kind: "normal" | "conditional" | "parallel" | "join";
  /** The branch of a conditional edge. */
  readonly label: string | null;
  /** When it is followed, in words. */
  readonly condition: string | null;
  /** It leads back to what came before. */
  readonly back: boolean;
}

export interface WorkflowGraph {
  /** In the order of the flow, each scope after the node that it is inside of. */
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export const EMPTY_GRAPH: WorkflowGraph = { nodes: [], edges: [] };
