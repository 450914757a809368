import type { Box, Direction } from "./arrange";
import type { GraphEdge } from "./workflowGraph";

export type Move = "left" | "right" | "up" | "down" | "next" | "previous" | "first" | "last";

interface Map2D {
  /** In the order of the flow. */
  readonly order: readonly string[];
  readonly boxes: ReadonlyMap<string, Box>;
  readonly edges: readonly GraphEdge[];
  readonly direction: Direction;
}

/** A large node is where its head is. */
const HEAD = 38;

const anchor = ({ x, y, width, height }: Box) => ({ x: x + width / 2, y: y + Math.min(height / 2, HEAD) });

/** A step to the side costs more than one ahead, so that a move stays in its lane. */
const SIDEWAYS = 2.5;

/** Where a key leads from a node: along an edge where one goes that way, else to the nearest that lies there. */
export function moveFrom(current: string, move: Move, map: Map2D): string {
  const { order, boxes, edges, direction } = map;
  const place = order.indexOf(current);
  switch (move) {
    case "first":
      return order[0] ?? current;
    case "last":
      return order.at(-1) ?? current;
    case "next":
      return order[Math.min(order.length - 1, place + 1)] ?? current;
    case "previous":
      return order[Math.max(0, place - 1)] ?? current;
    case "left":
    case "right":
    case "up":
    case "down": {
      const [ahead, backwards] = direction === "right" ? (["right", "left"] as const) : (["down", "up"] as const);
      const linked = edges.flatMap((edge) => {
        if (edge.back) return [];
        if (move === ahead && edge.source === current) return [edge.target];
        return move === backwards && edge.target === current ? [edge.source] : [];
      });
      return (
        nearest(
          current,
          move,
          linked.filter((id) => boxes.has(id)),
          boxes,
        ) ??
        nearest(current, move, order, boxes) ??
        current
      );
    }
  }
}

function nearest(
  current: string,
  move: "left" | "right" | "up" | "down",
  candidates: readonly string[],
  boxes: ReadonlyMap<string, Box>,
): string | null {
  const box = boxes.get(current);
  if (!box) return null;
  const from = anchor(box);
  let best: string | null = null;
  let least = Infinity;
  for (const id of candidates) {
    const candidate = boxes.get(id);
    if (!candidate || id === current) continue;
    const to = anchor(candidate);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const along = { right: dx, left: -dx, down: dy, up: -dy }[move];
    const aside = Math.abs(move === "left" || move === "right" ? dy : dx);
    if (along < 1) continue;
    const cost = along + SIDEWAYS * aside;
    if (cost < least) [best, least] = [id, cost];
  }
  return best;
}
