import type { Node, NodeProps } from "@xyflow/react";
import { Check, ChevronDown, ChevronRight, SquareArrowOutUpRight } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import { Link } from "react-router";

import { workflowPath } from "@/app";
import { CategoryIcon, cx } from "@/ui";

import { BODY_LABELS, categoryOf, describeNode, summaryOf, typeOf } from "../model/nodeText";
import type { NodeState } from "../model/nodeStates";
import type { GraphNode } from "../model/workflowGraph";
import { NodeStatusLabel } from "./NodeStatusLabel";
import { RunFacts } from "./RunFacts";
import { useGraphView } from "./graphContext";
import styles from "./NodeCard.module.css";

export type CardNode = Node<{ readonly node: GraphNode; readonly inside: number }, "card">;

/** A node of the graph: a card, or a frame around its body with a card's head. */
export function NodeCard({ data: { node, inside } }: NodeProps<CardNode>) {
  const { stateOf, selectedId, focusId, folded } = useGraphView();
  return (
    <Card
      node={node}
      inside={inside}
      state={stateOf(node.id)}
      body={node.bodyName === null ? null : stateOf(`${node.id} body`)}
      selected={selectedId === node.id}
      reachable={focusId === node.id}
      open={node.body !== null && !folded.has(node.id)}
    />
  );
}

interface CardProps {
  readonly node: GraphNode;
  /** How many nodes are directly inside of it. */
  readonly inside: number;
  readonly state: NodeState;
  readonly body: NodeState | null;
  readonly selected: boolean;
  readonly reachable: boolean;
  readonly open: boolean;
}

const Card = memo(function Card({ node, inside, state, body, selected, reachable, open }: CardProps) {
  const { onSelect, onFocus } = useGraphView();
  const button = useRef<HTMLButtonElement>(null);
  const { status, run } = state;
  const { role, label } = node;

  useEffect(() => {
    // The focus follows the arrow keys also to a card that was not drawn before.
    if (reachable && focusIsWanted(node.id)) button.current?.focus({ preventScroll: true });
  }, [reachable, node.id]);

  const meta = status !== null || run !== null;
  const crowded = run !== null && run.visits > 1 && (role === "decider" || run.tokenUsage.total > 0);
  return (
    <div
      className={cx(styles.card, role === "decider" && styles.decider, open && styles.open)}
      data-status={status ?? undefined}
      data-selected={selected || undefined}
    >
      <button
        ref={button}
        type="button"
        className={styles.head}
        tabIndex={reachable ? 0 : -1}
        data-node-id={node.id}
        aria-label={describeNode(node, state)}
        aria-pressed={selected}
        onClick={() => onSelect(node.id)}
        onFocus={() => onFocus(node.id)}
      >
        <span className={styles.title}>
          <CategoryIcon category={categoryOf(node)} size={16} tinted />
          <span className={styles.names}>
            <span className={styles.label}>{label}</span>
            <span className={styles.type}>{subtitle(node, inside, body)}</span>
          </span>
        </span>
        <span className={styles.meta}>
          {status && <NodeStatusLabel status={status} short={crowded} />}
          {run && <RunFacts run={run} />}
          {!meta && <span className={styles.summary}>{summaryOf(node)}</span>}
        </span>
      </button>
      {node.body !== null && <FoldButton node={node} open={open} reachable={reachable} />}
      {node.workflowId !== null && <OpenWorkflow workflowId={node.workflowId} reachable={reachable} />}
    </div>
  );
});

function subtitle(node: GraphNode, inside: number, round: NodeState | null): string {
  const { body } = node;
  const rounds = round?.run ? ` × ${round.run.visits}` : "";
  const content = body === null ? "" : `${BODY_LABELS[body]}${rounds}${body === "tools" ? ` (${inside})` : ""}`;
  return [typeOf(node), content].filter(Boolean).join(" · ");
}

function FoldButton({ node, open, reachable }: { node: GraphNode; open: boolean; reachable: boolean }) {
  const { onFold } = useGraphView();
  const Icon = open ? ChevronDown : ChevronRight;
  return (
    <button
      type="button"
      className={styles.corner}
      tabIndex={reachable ? 0 : -1}
      aria-expanded={open}
      aria-label={`What is inside of ${node.label}`}
      title={open ? "Fold" : "Unfold"}
      onClick={() => onFold(node.id)}
    >
      <Icon aria-hidden size={16} />
    </button>
  );
}

function OpenWorkflow({ workflowId, reachable }: { readonly workflowId: string; readonly reachable: boolean }) {
  return (
    <Link
      to={workflowPath(workflowId, "canvas")}
      className={styles.corner}
      tabIndex={reachable ? 0 : -1}
      aria-label={`Open the workflow ${workflowId}`}
      title={`Open the workflow ${workflowId}`}
    >
      <SquareArrowOutUpRight aria-hidden size={14} />
    </Link>
  );
}

export type MarkerNode = Node<{ readonly node: GraphNode }, "marker">;

/** START or END. */
export function Marker({ data: { node } }: NodeProps<MarkerNode>) {
  const { status } = useGraphView().stateOf(node.id);
  if (node.scope !== null) {
    return <div className={cx(styles.dot, node.role === "end" && styles.ring)} role="img" aria-label={node.label} />;
  }
  return (
    <div className={styles.marker} data-status={status ?? undefined}>
      {status === "ok" && <Check aria-label="Reached" size={13} />}
      {node.label}
    </div>
  );
}

/** Set by the keys of the graph: the card that is to have the focus as soon as it is drawn. */
let wantedFocus: string | null = null;

export function wantFocus(nodeId: string): void {
  wantedFocus = nodeId;
}

function focusIsWanted(nodeId: string): boolean {
  if (wantedFocus !== nodeId) return false;
  wantedFocus = null;
  return true;
}
