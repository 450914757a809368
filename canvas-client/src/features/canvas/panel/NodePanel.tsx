import { ListTree, SquareArrowOutUpRight, X } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { workflowPath } from "@/app";
import {
  Button,
  CategoryIcon,
  IconButton,
  formatCost,
  formatCount,
  formatDateTime,
  formatDateTimeExact,
  formatDuration,
  formatDurationExact,
} from "@/ui";

import { NodeStatusLabel } from "../graph/NodeStatusLabel";
import { stateOf } from "../model/nodeStates";
import type { NodeRun, RunOfGraph } from "../model/nodeStates";
import { BODY_LABELS, categoryOf, typeOf } from "../model/nodeText";
import type { GraphNode, WorkflowGraph } from "../model/workflowGraph";
import styles from "./NodePanel.module.css";
import { Parameters } from "./Parameters";

interface NodePanelProps {
  readonly node: GraphNode;
  readonly graph: WorkflowGraph;
  readonly run: RunOfGraph | null;
  readonly onSelect: (nodeId: string) => void;
  readonly onClose: () => void;
  /** Null where the node has no span. */
  readonly onOpenTrace: (() => void) | null;
  /** Null where the node is not written in a document. */
  readonly onShowDefinition: (() => void) | null;
}

/** What is known of a node: how it ran, where the flow goes from it, how it is written. */
export function NodePanel({ node, graph, run, onSelect, onClose, onOpenTrace, onShowDefinition }: NodePanelProps) {
  const state = stateOf(node, run);
  const error = state.status === "error" ? state.run?.status.message : null;
  return (
    <section aria-label={`Node ${node.label}`} className={styles.panel}>
      <header className={styles.header}>
        <CategoryIcon category={categoryOf(node)} size={16} tinted />
        <div className={styles.names}>
          <h2 className={styles.title}>{node.label}</h2>
          <p className={styles.subtitle}>
            {[typeOf(node), node.name !== node.label && node.name].filter(Boolean).join(" · ")}
          </p>
        </div>
        <IconButton label="Close" keys="escape" icon={X} onClick={onClose} />
      </header>
      <div className={styles.body}>
        {error && (
          <div role="alert" className={styles.error}>
            {error}
          </div>
        )}
        {(onOpenTrace ?? onShowDefinition) !== null && (
          <div className={styles.actions}>
            {onOpenTrace && (
              <Button variant="primary" icon={ListTree} onClick={onOpenTrace}>
                Open in Trace
              </Button>
            )}
            {onShowDefinition && <Button onClick={onShowDefinition}>Show in the definition</Button>}
          </div>
        )}
        <dl className={styles.facts}>
          {state.status && (
            <Fact name="State">
              <NodeStatusLabel status={state.status} />
            </Fact>
          )}
          {state.run && <RunRows run={state.run} />}
          {node.body && <Fact name="Inside">{BODY_LABELS[node.body]}</Fact>}
          {node.workflowId !== null && (
            <Fact name="Workflow">
              <Link to={workflowPath(node.workflowId, "canvas")} className={styles.link}>
                {node.workflowId}
                <SquareArrowOutUpRight aria-hidden size={12} />
              </Link>
            </Fact>
          )}
          {typeof node.config.description === "string" && <Fact name="Description">{node.config.description}</Fact>}
        </dl>
        <Ways node={node} graph={graph} onSelect={onSelect} />
        <Parameters config={node.config} />
      </div>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function RunRows({ run }: { readonly run: NodeRun }) {
  const { durationMs, visits, attempts, startTime, tokenUsage } = run;
  const duration = formatDuration(durationMs);
  return (
    <>
      {duration && (
        <Fact name={visits > 1 ? "Duration, all visits" : "Duration"}>
          <span title={formatDurationExact(durationMs)}>{duration}</span>
        </Fact>
      )}
      <Fact name={visits > 1 ? "First started" : "Started"}>
        <time dateTime={startTime} title={formatDateTimeExact(startTime)}>
          {formatDateTime(startTime)}
        </time>
      </Fact>
      {visits > 1 && <Fact name="Visits">{formatCount(visits)}</Fact>}
      {attempts > visits && <Fact name="Attempts">{formatCount(attempts)}</Fact>}
      {tokenUsage.total > 0 && (
        <Fact name="Tokens">
          {formatCount(tokenUsage.input)} in, {formatCount(tokenUsage.output)} out
        </Fact>
      )}
      {formatCost(tokenUsage.costUsd) && <Fact name="Cost">{formatCost(tokenUsage.costUsd)}</Fact>}
    </>
  );
}

interface WaysProps {
  readonly node: GraphNode;
  readonly graph: WorkflowGraph;
  readonly onSelect: (nodeId: string) => void;
}

/** Where the flow comes from and where it goes, with the conditions. */
function Ways({ node, graph, onSelect }: WaysProps) {
  const byId = new Map(graph.nodes.map((other) => [other.id, other]));
  const groups = [
    { title: "Comes from", ways: graph.edges.filter(({ target }) => target === node.id), end: "source" as const },
    { title: "Goes on to", ways: graph.edges.filter(({ source }) => source === node.id), end: "target" as const },
  ];
  return groups.map(
    ({ title, ways, end }) =>
      ways.length > 0 && (
        <section key={title} className={styles.section} aria-label={title}>
          <h3>{title}</h3>
          <ul className={styles.ways}>
            {ways.map((edge) => {
              const other = byId.get(edge[end]);
              return (
                other && (
                  <li key={edge.id}>
                    {other.role === "start" || other.role === "end" ? (
                      <span className={styles.way}>{other.label}</span>
                    ) : (
                      <button type="button" className={styles.way} onClick={() => onSelect(other.id)}>
                        <CategoryIcon category={categoryOf(other)} />
                        {other.label}
                      </button>
                    )}
                    {edge.condition && <span className={styles.condition}>if {edge.condition}</span>}
                  </li>
                )
              );
            })}
          </ul>
        </section>
      ),
  );
}
