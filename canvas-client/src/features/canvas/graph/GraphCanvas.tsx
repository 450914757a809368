import "@xyflow/react/dist/base.css";

import { Background, MiniMap, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from "@xyflow/react";
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";

import { categoryColor } from "@/ui";

import type { Direction } from "../model/arrange";
import type { GraphLayout } from "../model/layout";
import { fittingDirection, layoutGraph } from "../model/layout";
import type { RunOfGraph } from "../model/nodeStates";
import { stateOf, takenEdges } from "../model/nodeStates";
import { categoryOf } from "../model/nodeText";
import { SMALLEST_ZOOM, opening, revealed } from "../model/viewport";
import type { GraphNode, WorkflowGraph } from "../model/workflowGraph";
import { FlowEdge } from "./FlowEdge";
import type { FlowEdgeType } from "./FlowEdge";
import { GraphControls } from "./GraphControls";
import { Marker, NodeCard } from "./NodeCard";
import type { CardNode, MarkerNode } from "./NodeCard";
import { flowEdges, flowNodes } from "./flowElements";
import { foldedAtFirst, useFolds } from "./folds";
import { GraphViewContext } from "./graphContext";
import type { GraphView } from "./graphContext";
import { useGraphKeys } from "./useGraphKeys";
import styles from "./GraphCanvas.module.css";

interface GraphCanvasProps {
  readonly graph: WorkflowGraph;
  readonly run: RunOfGraph | null;
  readonly selectedId: string | null;
  readonly onSelect: (nodeId: string | null) => void;
  /** Null: the one in which the graph can be shown larger. */
  readonly direction: Direction | null;
  readonly onDirection: (direction: Direction) => void;
}

/** The graph on a plane that is panned and zoomed. */
export function GraphCanvas({ direction, ...rest }: GraphCanvasProps) {
  const { graph, selectedId } = rest;
  const [room, setRoom] = useState<{ readonly width: number; readonly height: number } | null>(null);
  // Not again when a panel opens beside the graph: it would turn under the pointer.
  const measure = useCallback((element: HTMLDivElement | null) => {
    if (!element) return;
    const { width, height } = element.getBoundingClientRect();
    setRoom((before) => before ?? { width, height });
  }, []);
  const { folded, toggle } = useFolds(graph, selectedId);
  const fitting = useMemo(
    () => (room === null ? null : fittingDirection(graph, foldedAtFirst(graph), room)),
    [graph, room],
  );
  return (
    <div ref={measure} className={styles.plane}>
      {fitting && (
        <ReactFlowProvider>
          <Plane {...rest} direction={direction ?? fitting} folded={folded} toggle={toggle} />
        </ReactFlowProvider>
      )}
    </div>
  );
}

interface PlaneProps extends GraphCanvasProps {
  readonly direction: Direction;
  readonly folded: ReadonlySet<string>;
  readonly toggle: (nodeId: string) => void;
}

const NODE_TYPES = { card: NodeCard, marker: Marker };
const EDGE_TYPES = { flow: FlowEdge };

/** From here on only what is in the window is drawn, and a small map helps to find the way. */
const LARGE = 60;

/** Below this zoom only icons and names are drawn. */
const FAR = 0.5;

function Plane({ graph, run, selectedId, onSelect, direction, onDirection, folded, toggle }: PlaneProps) {
  const layout = useMemo(() => layoutGraph(graph, folded, direction), [graph, folded, direction]);
  const nodes = useMemo(() => flowNodes(graph, folded, layout), [graph, folded, layout]);
  const edges = useMemo(() => flowEdges(graph, layout), [graph, layout]);
  const order = useMemo(() => nodes.filter(({ type }) => type === "card").map(({ id }) => id), [nodes]);
  const [focused, setFocused] = useState<string | null>(null);
  const drawn = (id: string | null) => (id !== null && layout.boxes.has(id) ? id : null);
  const focusId = drawn(focused) ?? drawn(selectedId) ?? order[0] ?? null;
  const far = useStore(({ transform }) => transform[2] < FAR);
  const element = useRef<HTMLDivElement>(null);

  useOpening(layout, drawn(selectedId) ?? runningNode(graph, run, layout) ?? order[0] ?? null);
  const reveal = useReveal(layout, selectedId);

  const anchor = useAnchoredFold(layout);
  const onKeyDown = useGraphKeys({ layout, graph, order, focusId, reveal, onFocus: setFocused, onSelect, element });

  const view = useMemo<GraphView>(() => {
    const byId = new Map(graph.nodes.map((node) => [node.id, node]));
    const bodies = new Map(graph.nodes.map((node) => [`${node.id} body`, node]));
    return {
      run,
      stateOf: (id) => {
        const node = byId.get(id);
        if (node) return stateOf(node, run);
        const around = bodies.get(id);
        return around?.bodyName ? stateOf({ ...around, name: around.bodyName }, run) : { status: null, run: null };
      },
      takenEdges: takenEdges(graph, run),
      selectedId,
      focusId,
      folded,
      direction,
      onSelect,
      onFold: (id) => {
        anchor(id);
        toggle(id);
      },
      onFocus: setFocused,
    };
  }, [graph, run, selectedId, focusId, folded, direction, onSelect, anchor, toggle]);

  const large = nodes.length > LARGE;
  return (
    <GraphViewContext value={view}>
      {/* The keys are those of the cards inside, which are buttons. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div ref={element} className={styles.whole} data-far={far || undefined} onKeyDown={onKeyDown}>
        <ReactFlow<CardNode | MarkerNode, FlowEdgeType>
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          role="group"
          aria-label="Workflow graph"
          minZoom={SMALLEST_ZOOM}
          maxZoom={2}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          zoomOnDoubleClick={false}
          panOnScroll
          zIndexMode="manual"
          onlyRenderVisibleElements={large}
          onPaneClick={() => onSelect(null)}
          proOptions={{ hideAttribution: true }}
        >
          <Background gap={20} size={1.2} color="var(--line)" />
          {large && (
            <MiniMap<CardNode | MarkerNode>
              pannable
              zoomable
              ariaLabel="Map of the graph"
              className={styles.map}
              bgColor="var(--bg)"
              maskColor="color-mix(in srgb, var(--bg-3) 70%, transparent)"
              nodeColor={(node) => colorOnMap(node.data.node, view)}
              nodeBorderRadius={8}
            />
          )}
        </ReactFlow>
        <GraphControls direction={direction} onDirection={onDirection} layout={layout} />
      </div>
    </GraphViewContext>
  );
}

function colorOnMap(node: GraphNode, { stateOf, selectedId }: GraphView): string {
  if (node.id === selectedId) return "var(--accent)";
  const { status } = stateOf(node.id);
  if (status === "error") return "var(--state-error-bar)";
  if (status === "running") return "var(--state-running-bar)";
  if (status === "pending" || status === "unreached") return "var(--line)";
  return categoryColor(categoryOf(node), "bar");
}

function runningNode(graph: WorkflowGraph, run: RunOfGraph | null, { boxes }: GraphLayout): string | null {
  if (run?.status !== "RUNNING") return null;
  return graph.nodes.find((node) => boxes.has(node.id) && stateOf(node, run).status === "running")?.id ?? null;
}

/** Shows the whole graph at first, and again when the flow goes another way. */
function useOpening(layout: GraphLayout, matters: string | null): void {
  const { setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const shown = useRef<string | null>(null);

  useEffect(() => {
    if (width === 0 || height === 0 || shown.current === layout.direction) return;
    shown.current = layout.direction;
    const box = matters === null ? null : (layout.boxes.get(matters) ?? null);
    void setViewport(opening(layout, { width, height }, box));
  }, [layout, matters, width, height, setViewport]);
}

/** Moves the plane as little as needed for a node to be in the window; at once for one that gets selected. */
function useReveal(layout: GraphLayout, selectedId: string | null): (nodeId: string) => void {
  const { getViewport, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const reveal = (nodeId: string) => {
    const box = layout.boxes.get(nodeId);
    if (!box || width === 0) return;
    const before = getViewport();
    const after = revealed({ ...box, height: Math.min(box.height, 80) }, before, { width, height });
    if (after.x !== before.x || after.y !== before.y) void setViewport(after);
  };
  const revealSelected = useEffectEvent(reveal);
  useEffect(() => {
    // The window is smaller when a panel has opened beside it.
    if (selectedId !== null) revealSelected(selectedId);
  }, [selectedId, width, height]);
  return reveal;
}

/** Keeps a node where it is on the screen while what is inside of it is folded or unfolded. */
function useAnchoredFold(layout: GraphLayout): (nodeId: string) => void {
  const { getViewport, setViewport } = useReactFlow();
  const kept = useRef<{ readonly id: string; readonly x: number; readonly y: number } | null>(null);

  useEffect(() => {
    const before = kept.current;
    const box = before && layout.boxes.get(before.id);
    kept.current = null;
    if (!before || !box) return;
    const { x, y, zoom } = getViewport();
    void setViewport({ zoom, x: x - (box.x - before.x) * zoom, y: y - (box.y - before.y) * zoom });
  }, [layout, getViewport, setViewport]);

  return useMemo(
    () => (id) => {
      const box = layout.boxes.get(id);
      if (box) kept.current = { id, x: box.x, y: box.y };
    },
    [layout],
  );
}
