import { SPAN_CATEGORIES, endMs, failed } from "./span";
import type { SpanTree } from "./spanTree";
import { fractionOf, type TimeWindow } from "./timeScale";

/** A stretch of one lane in one colour. */
export interface MinimapRun {
  readonly lane: number;
  readonly from: number;
  readonly to: number;
  /** Place in `SPAN_CATEGORIES`; -1 for a failure. */
  readonly colour: number;
}

const COLOURS = SPAN_CATEGORIES.length + 1;
const FAILED = COLOURS - 1;
const placeOf = new Map<string, number>(SPAN_CATEGORIES.map((category, place) => [category, place]));

/**
 * The whole trace in `lanes` lines of `columns` cells. Spans of a stretch of `order` share a lane; in a cell the colour with the
 * deepest claim (the latest in order) is shown, failures over all. Work is linear in the spans however long they are: each only
 * marks where it begins and ends.
 */
export function minimapRuns(
  tree: SpanTree,
  order: ArrayLike<number>,
  window: TimeWindow,
  columns: number,
  lanes: number,
  nowMs: number,
): readonly MinimapRun[] {
  if (order.length === 0 || columns <= 0) return [];
  const width = columns + 1;
  const edges = new Int32Array(lanes * COLOURS * width);
  for (let place = 0; place < order.length; place += 1) {
    const index = order[place]!;
    const span = tree.get(index);
    const lane = Math.min(lanes - 1, Math.floor((place / order.length) * lanes));
    const colour = failed(span) ? FAILED : (placeOf.get(span.category) ?? 0);
    const from = Math.min(columns - 1, cell(fractionOf(window, span.startMs), columns));
    const to = Math.max(from + (failed(span) ? 3 : 1), cell(fractionOf(window, endMs(span, nowMs)), columns));
    const base = (lane * COLOURS + colour) * width;
    edges[base + from]! += 1;
    edges[base + Math.min(to, columns)]! -= 1;
  }
  return runsOf(edges, columns, lanes);
}

function cell(fraction: number, columns: number): number {
  return Math.min(columns, Math.max(0, Math.floor(fraction * columns)));
}

/** Workflow, node and agent spans hold the others and would hide them: rarer, more telling colours win a cell. */
function runsOf(edges: Int32Array, columns: number, lanes: number): readonly MinimapRun[] {
  const width = columns + 1;
  const runs: MinimapRun[] = [];
  const cells = new Int8Array(columns);
  for (let lane = 0; lane < lanes; lane += 1) {
    cells.fill(-2);
    for (let colour = 0; colour < COLOURS; colour += 1) {
      const base = (lane * COLOURS + colour) * width;
      let open = 0;
      for (let at = 0; at < columns; at += 1) {
        open += edges[base + at]!;
        if (open > 0) cells[at] = colour === FAILED ? -1 : colour;
      }
    }
    for (let at = 0; at < columns;) {
      const colour = cells[at]!;
      let end = at + 1;
      while (end < columns && cells[end] === colour) end += 1;
      if (colour !== -2) runs.push({ lane, from: at, to: end, colour });
      at = end;
    }
  }
  return runs;
}
