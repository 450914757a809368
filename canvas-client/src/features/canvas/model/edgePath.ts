/** Lines between nodes, as SVG paths. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

const RADIUS = 10;

const at = ({ x, y }: Point): string => `${round(x)},${round(y)}`;
const round = (value: number): number => Math.round(value * 10) / 10;

/** A line through all points that leaves and enters each along the flow, so that it never turns back. */
export function smooth(points: readonly Point[], direction: "right" | "down"): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${at(first)}`;
  let from = first;
  for (const to of rest) {
    if (direction === "right") {
      const half = (to.x - from.x) / 2;
      path += `C${at({ x: from.x + half, y: from.y })} ${at({ x: to.x - half, y: to.y })} ${at(to)}`;
    } else {
      const half = (to.y - from.y) / 2;
      path += `C${at({ x: from.x, y: from.y + half })} ${at({ x: to.x, y: to.y - half })} ${at(to)}`;
    }
    from = to;
  }
  return path;
}

/** Straight lines from point to point with round corners. */
export function rounded(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${at(first)}`;
  let from = first;
  rest.forEach((corner, index) => {
    const to = rest[index + 1];
    if (!to) {
      path += `L${at(corner)}`;
      return;
    }
    const before = towards(corner, from);
    const after = towards(corner, to);
    path += `L${at(before)}Q${at(corner)} ${at(after)}`;
    from = corner;
  });
  return path;
}

/** A point on the way from `corner` to `other`, a radius away, or half way where that is nearer. */
function towards(corner: Point, other: Point): Point {
  const [dx, dy] = [other.x - corner.x, other.y - corner.y];
  const distance = Math.hypot(dx, dy);
  if (distance === 0) return corner;
  const share = Math.min(RADIUS, distance / 2) / distance;
  return { x: corner.x + dx * share, y: corner.y + dy * share };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Lane extends Stretch {
  readonly bottom: number;
}

/** The nearest lane below all that stands in the stretch, and not on a lane that is taken there. */
export function laneFor(stretch: Stretch, obstacles: readonly Lane[], taken: readonly Lane[], gap: number): Lane {
  const passes = ({ from, to }: Stretch) => from <= stretch.to && to >= stretch.from;
  const below = [...obstacles, ...taken]
    .filter(passes)
    .reduce((lowest, { bottom }) => Math.max(lowest, bottom), -Infinity);
  return { ...stretch, bottom: (Number.isFinite(below) ? below : 0) + gap + 8 };
}
