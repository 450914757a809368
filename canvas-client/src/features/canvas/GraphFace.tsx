import { Workflow } from "lucide-react";
import { useCallback, useEffect, useMemo } from "react";

import { useWorkflowRoute } from "@/app";
import { Button, EmptyState, Skeleton, SplitPane, usePreference } from "@/ui";

import styles from "./GraphFace.module.css";
import type { CanvasWorkflow, Definition } from "./api/useDefinition";
import type { CanvasExecution } from "./api/useExecution";
import { useSeenSpans } from "./api/useSeenSpans";
import { useNodesOfSpan } from "./api/useSpanNode";
import { GraphCanvas } from "./graph/GraphCanvas";
import { buildGraph } from "./model/buildGraph";
import { readNode, writeDefinitionOf, writeFace } from "./model/canvasParams";
import { deriveGraph } from "./model/derivedGraph";
import type { Direction } from "./model/arrange";
import type { RunOfGraph } from "./model/nodeStates";
import { selectedNode, writeSelection } from "./model/selection";
import { EMPTY_GRAPH } from "./model/workflowGraph";
import { NodePanel } from "./panel/NodePanel";
import { useMedia } from "./useMedia";

interface GraphFaceProps {
  readonly workflow: CanvasWorkflow;
  /** Null while it is read. */
  readonly definition: Definition | null;
  readonly execution: CanvasExecution | null;
  readonly run: RunOfGraph | null;
}

const NO_RUNS: RunOfGraph["runs"] = new Map();

/** The graph, and beside it what is known of the selected node. */
export function GraphFace({ workflow, definition, execution, run }: GraphFaceProps) {
  const { spanId, params, setParams, setTab } = useWorkflowRoute();
  const narrow = useMedia("(width < 900px)");
  const [chosen, setChosen] = usePreference<Direction | "auto">("canvas.direction", "auto");
  const spans = useSeenSpans(workflow.external ? execution : null);
  const graph = useMemo(() => {
    if (workflow.external) return spans === null ? EMPTY_GRAPH : deriveGraph(spans);
    return definition === null ? EMPTY_GRAPH : buildGraph(definition.definition);
  }, [workflow.external, spans, definition]);

  const runs = run?.runs ?? NO_RUNS;
  const executionId = execution?.executionId ?? null;
  const nodesOfSpan = useNodesOfSpan(executionId, spanId);
  const selected = selectedNode(graph, { spanId, nodesOfSpan, nodeId: readNode(params), runs });
  const select = useCallback(
    (id: string | null) => {
      const node = graph.nodes.find((one) => one.id === id) ?? null;
      setParams((all) => writeSelection(all, graph, node, (node && runs.get(node.name)) ?? null, executionId));
    },
    [graph, runs, executionId, setParams],
  );

  // It was chosen before its run was known: from now on the trace shows its span.
  const lateRun = spanId === null && selected !== null ? (runs.get(selected.name) ?? null) : null;
  useEffect(() => {
    if (lateRun === null || selected === null) return;
    setParams((all) => writeSelection(all, graph, selected, lateRun, executionId), { replace: true });
  }, [lateRun, selected, graph, executionId, setParams]);

  if (graph.nodes.length === 0) {
    if (workflow.external ? execution !== null && spans === null : definition === null) {
      return <Skeleton label="Loading the graph" />;
    }
    return <NoGraph workflow={workflow} hasRun={execution !== null} />;
  }

  const canvas = (
    <GraphCanvas
      key={`${workflow.workflowId} ${definition?.version ?? executionId ?? ""}`}
      graph={graph}
      run={run}
      selectedId={selected?.id ?? null}
      onSelect={select}
      direction={chosen === "auto" ? null : chosen}
      onDirection={setChosen}
    />
  );
  const panel = selected && (
    <NodePanel
      key={selected.id}
      node={selected}
      graph={graph}
      run={run}
      onSelect={select}
      onClose={() => select(null)}
      onOpenTrace={runs.has(selected.name) ? () => setTab("trace") : null}
      onShowDefinition={selected.path.length > 0 ? () => setParams((all) => writeDefinitionOf(all, selected.id)) : null}
    />
  );

  if (narrow) {
    return (
      <div className={styles.face}>
        {canvas}
        {panel && <div className={styles.sheet}>{panel}</div>}
      </div>
    );
  }
  return (
    <SplitPane
      id="canvas.panel"
      label="Width of the node's panel"
      sized="end"
      defaultSize={380}
      min={300}
      folded={!panel}
      start={canvas}
      end={panel}
    />
  );
}

interface NoGraphProps {
  readonly workflow: CanvasWorkflow;
  readonly hasRun: boolean;
}

function NoGraph({ workflow, hasRun }: NoGraphProps) {
  const { setTab, setParams } = useWorkflowRoute();
  if (!workflow.external) {
    return (
      <EmptyState
        icon={Workflow}
        title="The workflow has no nodes"
        actions={<Button onClick={() => setParams((all) => writeFace(all, "definition"))}>Edit the definition</Button>}
      >
        A graph appears when its definition has some.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Workflow}
      title={hasRun ? "The spans name no nodes" : "No run has been seen yet"}
      actions={hasRun && <Button onClick={() => setTab("trace")}>Open the trace</Button>}
    >
      {hasRun
        ? "Spans with the attribute orcheo.node.id are drawn as a graph. The trace shows all spans as they are."
        : "A graph is drawn when the first spans arrive."}
    </EmptyState>
  );
}
