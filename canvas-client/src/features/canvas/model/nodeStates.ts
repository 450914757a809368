import { statusOfSpan } from "@/ui";
import type { StatusKey } from "@/ui";

import type { GraphEdge, GraphNode, WorkflowGraph } from "./workflowGraph";

/** How a node ran, all its visits together. */
export interface NodeRun {
  readonly nodeId: string;
  readonly state: "RUNNING" | "ENDED" | "ABANDONED";
  readonly status: { readonly code: "UNSET" | "OK" | "ERROR"; readonly message: string | null };
  readonly visits: number;
  readonly attempts: number;
  readonly startTime: string;
  readonly endTime: string | null;
  readonly durationMs: number | null;
  readonly lastSpanId: string;
  readonly tokenUsage: {
    readonly input: number;
    readonly output: number;
    readonly total: number;
    readonly costUsd: number | null;
  };
}

export interface RunOfGraph {
  readonly status: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED" | "ABANDONED";
  readonly runs: ReadonlyMap<string, NodeRun>;
}

/** `pending`: the run has not come to it; `unreached`: and never will. */
export type NodeStatus = StatusKey | "pending" | "unreached";

/** What a card shows. */
export interface NodeState {
  /** Null where nothing is told. */
  readonly status: NodeStatus | null;
  readonly run: NodeRun | null;
}

const isOver = (status: RunOfGraph["status"]) => status !== "QUEUED" && status !== "RUNNING";

/** Without a run, nothing has a state. */
const NO_STATE: NodeState = { status: null, run: null };

export function stateOf(node: GraphNode, run: RunOfGraph | null): NodeState {
  if (run === null) return NO_STATE;
  const notYet = isOver(run.status) ? "unreached" : "pending";
  if (node.scope === null && node.role === "start")
    return { status: run.status === "QUEUED" ? "pending" : "ok", run: null };
  if (node.scope === null && node.role === "end")
    return { status: run.status === "SUCCEEDED" ? "ok" : notYet, run: null };
  if (node.name === "") return NO_STATE;
  const own = run.runs.get(node.name);
  if (!own) return { status: notYet, run: null };
  return { status: statusOfRun(own), run: own };
}

/** What the engine says of a node that was stopped because of another one, or of the run: the API has no state for it. */
const CANCELLED = "the run was cancelled";

export function statusOfRun({ state, status }: NodeRun): StatusKey {
  const told = statusOfSpan(state, status.code);
  return told === "error" && status.message === CANCELLED ? "cancelled" : told;
}

/**
 * The edges that the run certainly went along. Where it could have come in by several, one of them conditional, nothing is
 * said of that one: the states do not tell.
 */
export function takenEdges({ nodes, edges }: WorkflowGraph, run: RunOfGraph | null): ReadonlySet<string> {
  const taken = new Set<string>();
  if (run === null) return taken;
  const left = new Set<string>();
  const entered = new Set<string>();
  for (const node of nodes) {
    const { status, run: own } = stateOf(node, run);
    // The markers inside of a node have no states of their own.
    if (status === "ok" || (node.role === "start" && node.scope !== null)) left.add(node.id);
    if (own !== null || (node.role === "end" && status === "ok")) entered.add(node.id);
  }
  const possible = new Map<string, GraphEdge[]>();
  for (const edge of edges) {
    if (!left.has(edge.source) || !entered.has(edge.target)) continue;
    const into = possible.get(edge.target);
    if (into) into.push(edge);
    else possible.set(edge.target, [edge]);
  }
  for (const into of possible.values()) {
    for (const edge of into) if (edge.kind !== "conditional" || into.length === 1) taken.add(edge.id);
  }
  return taken;
}
