import { Graph, layout as dagre } from "@dagrejs/dagre";

import { laneFor } from "./edgePath";
import type { Lane, Point } from "./edgePath";
import type { GraphEdge, GraphNode } from "./workflowGraph";

/** Where the flow goes. */
export type Direction = "right" | "down";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A scope laid out for itself, with its own corner at 0, 0. */
export interface Arranged extends Size {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly routes: readonly {
    readonly id: string;
    readonly points: readonly Point[];
    readonly label: Point | null;
    readonly back: boolean;
  }[];
}

const RANK_GAP = 48;
const NODE_GAP = 28;
const LABEL_HEIGHT = 18;

/** Nodes stay near what they come from: what leads to END, the far end of all, pulls next to nothing. */
const PULL = { end: 1, other: 1_000 } as const;
const LANE_GAP = 16;

/** The width that a label takes at 11 pixels. */
const widthOfLabel = (label: string): number => Math.min(160, Math.ceil(label.length * 6.4) + 14);

/**
 * Lays out one scope. Everything is worked out as if the flow went to the right; downwards, the axes are exchanged before
 * and after.
 */
export function arrange(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  sizes: ReadonlyMap<string, Size>,
  direction: Direction,
): Arranged {
  const turn = (size: Size): Size => (direction === "right" ? size : { width: size.height, height: size.width });
  const graph = new Graph({ multigraph: true });
  // Without edges, as an agent's tools, nodes stand side by side across the flow.
  graph.setGraph({ rankdir: "LR", ranksep: RANK_GAP, nodesep: NODE_GAP, edgesep: 20, marginx: 0, marginy: 0 });
  for (const node of nodes) graph.setNode(node.id, { ...turn(sizes.get(node.id)!) });
  const ends = new Set(nodes.filter(({ role }) => role === "end").map(({ id }) => id));
  const straight = longWaysToEnd(nodes, edges, ends);
  for (const { id, source, target, label, back } of edges) {
    if (back || straight.has(id)) continue;
    const weight = ends.has(target) ? PULL.end : PULL.other;
    const room = label === null ? {} : turn({ width: widthOfLabel(label), height: LABEL_HEIGHT });
    graph.setEdge(source, target, { ...room, labelpos: "c", weight }, id);
  }
  dagre(graph);

  const centred = new Map<string, Box>();
  for (const { id } of nodes) {
    const { x = 0, y = 0, width = 0, height = 0 } = graph.node(id) as Partial<Box>;
    centred.set(id, { x: Math.round(x - width / 2), y: Math.round(y - height / 2), width, height });
  }
  const routes: { id: string; points: Point[]; label: Point | null; back: boolean }[] = [];
  for (const { id, source, target, label, back } of edges) {
    if (back) continue;
    const from = centred.get(source)!;
    const to = centred.get(target)!;
    const found = straight.has(id)
      ? { x: from.x + from.width + RANK_GAP, y: from.y + from.height / 2 }
      : (graph.edge(source, target, id) as { points?: Point[]; x?: number; y?: number });
    const between = ("points" in found ? (found.points ?? []) : []).slice(1, -1);
    const points = [
      { x: from.x + from.width, y: from.y + from.height / 2 },
      ...between,
      { x: to.x, y: to.y + to.height / 2 },
    ];
    routes.push({ id, points, label: label === null ? null : { x: found.x ?? 0, y: found.y ?? 0 }, back });
  }
  routes.push(...loops(edges, centred, routes));
  return turned(centred, routes, direction);
}

/** From this size on, a line that passes many ranks costs more time than its way is worth: one place in each of them. */
const ROUTED_UP_TO = 100;

/** How many ranks are many. */
const LONG = 8;

/** In a large scope, what leads to END from far away; it is drawn straight, below the cards. */
function longWaysToEnd(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  ends: ReadonlySet<string>,
): ReadonlySet<string> {
  if (nodes.length <= ROUTED_UP_TO) return new Set();
  const entries = new Map<string, GraphEdge[]>(nodes.map(({ id }) => [id, []]));
  for (const edge of edges) if (!edge.back) entries.get(edge.target)!.push(edge);
  const ranks = new Map<string, number>();
  // Nodes come in the order of the flow.
  for (const { id } of nodes) {
    ranks.set(
      id,
      entries.get(id)!.reduce((rank, { source }) => Math.max(rank, ranks.get(source)! + 1), 0),
    );
  }
  const far = ({ source, target }: GraphEdge) => ranks.get(target)! - ranks.get(source)! > LONG;
  return new Set(edges.filter((edge) => !edge.back && ends.has(edge.target) && far(edge)).map(({ id }) => id));
}

/** Loops go back in lanes of their own below everything that they pass, the shortest next to it. */
function loops(
  edges: readonly GraphEdge[],
  boxes: ReadonlyMap<string, Box>,
  others: readonly { readonly points: readonly Point[] }[],
): { id: string; points: Point[]; label: Point | null; back: boolean }[] {
  const back = edges.filter((edge) => edge.back);
  const span = ({ source, target }: GraphEdge) => {
    const [from, to] = [boxes.get(source)!, boxes.get(target)!];
    // A node's own loop leaves and comes in apart.
    return {
      from: from.x + from.width / 2 + 14,
      to: to.x + to.width / 2 - 14,
      bottom: from.y + from.height,
      into: to.y + to.height,
    };
  };
  const obstacles = [
    ...Array.from(boxes.values(), ({ x, y, width, height }) => ({ from: x, to: x + width, bottom: y + height })),
    ...others.flatMap(({ points }) => points.map(({ x, y }) => ({ from: x, to: x, bottom: y }))),
  ];
  const lanes: Lane[] = [];
  return back
    .map((edge) => ({ edge, ...span(edge) }))
    .sort((one, other) => one.from - one.to - (other.from - other.to))
    .map(({ edge: { id, label }, from, to, bottom, into }) => {
      const lane = laneFor({ from: Math.min(from, to), to: Math.max(from, to) }, obstacles, lanes, LANE_GAP);
      lanes.push(lane);
      const points = [
        { x: from, y: bottom },
        { x: from, y: lane.bottom },
        { x: to, y: lane.bottom },
        { x: to, y: into },
      ];
      return { id, points, label: label === null ? null : { x: (from + to) / 2, y: lane.bottom }, back: true };
    });
}

/** Puts the corner at 0, 0, and the axes as the direction wants them. */
function turned(
  boxes: ReadonlyMap<string, Box>,
  routes: readonly {
    readonly id: string;
    readonly points: readonly Point[];
    readonly label: Point | null;
    readonly back: boolean;
  }[],
  direction: Direction,
): Arranged {
  const corners = [
    ...Array.from(boxes.values()).flatMap(({ x, y, width, height }) => [
      { x, y },
      { x: x + width, y: y + height },
    ]),
    ...routes.flatMap(({ points }) => points),
    ...routes.flatMap(({ label }) =>
      label
        ? [
            { x: label.x, y: label.y - LABEL_HEIGHT / 2 },
            { x: label.x, y: label.y + LABEL_HEIGHT / 2 },
          ]
        : [],
    ),
  ];
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of corners) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  if (corners.length === 0) [left, top, right, bottom] = [0, 0, 0, 0];
  [left, top] = [Math.floor(left), Math.floor(top)];
  const point = ({ x, y }: Point): Point =>
    direction === "right" ? { x: x - left, y: y - top } : { x: y - top, y: x - left };
  const size = (width: number, height: number): Size =>
    direction === "right" ? { width, height } : { width: height, height: width };
  return {
    ...size(Math.ceil(right - left), Math.ceil(bottom - top)),
    boxes: new Map(Array.from(boxes, ([id, box]) => [id, { ...point(box), ...size(box.width, box.height) }])),
    routes: routes.map((route) => ({
      ...route,
      points: route.points.map(point),
      label: route.label && point(route.label),
    })),
  };
}
