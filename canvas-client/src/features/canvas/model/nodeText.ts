import { STATUSES, categoryOfNode, formatCount, formatDuration, plural } from "@/ui";
import type { CategoryKey } from "@/ui";

import type { BodyKind, GraphNode } from "./workflowGraph";
import type { NodeState, NodeStatus } from "./nodeStates";

/** What is said of nodes, on cards and to assistive technology. */

export const labelOfStatus = (status: NodeStatus): string =>
  status === "pending" ? "Not yet" : status === "unreached" ? "Not run" : STATUSES[status].label;

export const BODY_LABELS: Readonly<Record<BodyKind, string>> = {
  each: "For each item",
  workflow: "Workflow inside",
  steps: "Steps inside",
  tools: "Tools",
};

export function categoryOf({ type, role, body, workflowId }: GraphNode): CategoryKey {
  if (type !== null) return categoryOfNode(type);
  if (role === "decider") return "logic";
  return body !== null || workflowId !== null ? "subflow" : "chain";
}

/** The type in the document's words; of what has none, what it is. */
export function typeOf({ type, role, body, workflowId }: GraphNode): string {
  if (type !== null) return type;
  if (role === "decider") return "Condition";
  return body !== null || workflowId !== null ? "Workflow" : "Node";
}

/** The parameter that tells most about a node, for a card without a run. */
const TELLING = [
  "ai_model",
  "url",
  "workflow_id",
  "workflow",
  "file_name",
  "operation",
  "items",
  "description",
] as const;

export function summaryOf({ config }: GraphNode): string {
  const { duration_seconds: seconds } = config;
  if (typeof seconds === "number") return formatDuration(seconds * 1_000);
  for (const key of TELLING) {
    const value = config[key];
    if (typeof value === "string" && value !== "") return value;
  }
  return "";
}

/** Everything that a card shows, as a sentence. */
export function describeNode(node: GraphNode, { status, run }: NodeState): string {
  const facts = [node.label, typeOf(node), status && labelOfStatus(status)];
  if (run) {
    facts.push(formatDuration(run.durationMs));
    if (run.tokenUsage.total > 0) facts.push(`${formatCount(run.tokenUsage.total)} tokens`);
    if (run.visits > 1) facts.push(plural(run.visits, "visit"));
    if (run.attempts > run.visits) facts.push(plural(run.attempts, "attempt"));
  }
  return facts.filter(Boolean).join(", ");
}
