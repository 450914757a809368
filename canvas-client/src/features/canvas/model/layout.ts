import { arrange } from "./arrange";
import type { Arranged, Box, Direction, Size } from "./arrange";
import { rounded, smooth } from "./edgePath";
import type { Point } from "./edgePath";
import { fitted } from "./viewport";
import type { GraphEdge, GraphNode, WorkflowGraph } from "./workflowGraph";

export interface EdgeRoute {
  /** For the `d` of an SVG path. */
  readonly path: string;
  /** The middle of its label. */
  readonly label: Point | null;
  /** Where its arrow points to. */
  readonly arrow: Point;
}

export interface GraphLayout {
  readonly direction: Direction;
  /** Places of the nodes that are drawn, in the coordinates of the whole graph. */
  readonly boxes: ReadonlyMap<string, Box>;
  readonly routes: ReadonlyMap<string, EdgeRoute>;
  readonly width: number;
  readonly height: number;
}

/** The height of a card, and of the head of a node whose body is shown. */
export const CARD = { width: 228, height: 76 } as const;
export const HEAD_HEIGHT = 76;

const SIZES = {
  start: { width: 72, height: 32 },
  end: { width: 72, height: 32 },
  innerMarker: { width: 14, height: 14 },
  decider: { width: 200, height: 60 },
  node: CARD,
} as const;

const PADDING = 16;

const sizeOfCard = ({ role, scope }: GraphNode): Size =>
  scope !== null && (role === "start" || role === "end") ? SIZES.innerMarker : SIZES[role];

/** The nodes that are drawn when the bodies of `folded` are not. */
export function shownNodes({ nodes }: WorkflowGraph, folded: ReadonlySet<string>): readonly GraphNode[] {
  const hidden = new Set<string>();
  return nodes.filter((node) => {
    // A scope comes before what is inside of it.
    const inFold = node.scope !== null && (folded.has(node.scope) || hidden.has(node.scope));
    if (inFold) hidden.add(node.id);
    return !inFold;
  });
}

/** From this size on trying both directions takes too long. */
const TRIED_UP_TO = 150;

/** The direction in which the graph can be shown larger in a window; to the right where it makes no difference to speak of. */
export function fittingDirection(graph: WorkflowGraph, folded: ReadonlySet<string>, window: Size): Direction {
  if (window.width === 0 || shownNodes(graph, folded).length > TRIED_UP_TO) return "right";
  const zoom = (direction: Direction) => fitted(layoutGraph(graph, folded, direction), window).zoom;
  return zoom("down") > 1.1 * zoom("right") ? "down" : "right";
}

/** Gives every node its place: the innermost bodies first, since a node is as large as what is inside of it. */
export function layoutGraph(graph: WorkflowGraph, folded: ReadonlySet<string>, direction: Direction): GraphLayout {
  const shown = shownNodes(graph, folded);
  const scopes = new Map<string | null, GraphNode[]>();
  const scopeOf = new Map(shown.map(({ id, scope }) => [id, scope]));
  for (const node of shown) {
    const scope = scopes.get(node.scope);
    if (scope) scope.push(node);
    else scopes.set(node.scope, [node]);
  }
  const edges = new Map<string | null, GraphEdge[]>();
  for (const edge of graph.edges) {
    const scope = scopeOf.get(edge.source);
    if (scope === undefined || scopeOf.get(edge.target) !== scope) continue;
    const known = edges.get(scope);
    if (known) known.push(edge);
    else edges.set(scope, [edge]);
  }

  const arranged = new Map<string | null, Arranged>();
  const sizes = new Map<string, Size>();
  // Scopes were met before those inside of them.
  for (const [scope, nodes] of [...scopes].toReversed()) {
    for (const node of nodes) {
      const inner = arranged.get(node.id);
      sizes.set(node.id, inner ? around(inner) : sizeOfCard(node));
    }
    arranged.set(scope, arrange(nodes, edges.get(scope) ?? [], sizes, direction));
  }
  return placed(scopes, arranged, direction);
}

const around = (inner: Size): Size => ({
  width: Math.max(CARD.width, inner.width + 2 * PADDING),
  height: HEAD_HEIGHT + inner.height + 2 * PADDING,
});

/** Moves each scope to where its node is, from the outside in. */
function placed(
  scopes: ReadonlyMap<string | null, readonly GraphNode[]>,
  arranged: ReadonlyMap<string | null, Arranged>,
  direction: Direction,
): GraphLayout {
  const boxes = new Map<string, Box>();
  const routes = new Map<string, EdgeRoute>();
  for (const scope of scopes.keys()) {
    const inner = arranged.get(scope)!;
    const box = scope === null ? null : boxes.get(scope)!;
    const corner = box
      ? { x: Math.round(box.x + (box.width - inner.width) / 2), y: box.y + HEAD_HEIGHT + PADDING }
      : { x: 0, y: 0 };
    const move = ({ x, y }: Point): Point => ({ x: x + corner.x, y: y + corner.y });
    for (const [id, { width, height, ...at }] of inner.boxes) boxes.set(id, { ...move(at), width, height });
    for (const { id, points, label, back } of inner.routes) {
      const moved = points.map(move);
      routes.set(id, {
        path: back ? rounded(moved) : smooth(moved, direction),
        label: label && move(label),
        arrow: moved.at(-1)!,
      });
    }
  }
  const { width = 0, height = 0 } = arranged.get(null) ?? {};
  return { direction, boxes, routes, width, height };
}
