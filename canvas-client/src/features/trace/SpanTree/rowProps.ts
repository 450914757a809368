import type { Query } from "../model/query";
import type { Skew } from "../model/selfTime";
import type { SpanRecord } from "../model/span";
import type { Scale } from "../Waterfall/barGeometry";
import type { GridGeometry } from "./useGridGeometry";

/** Where a row stands in the grid. */
export interface RowPlace {
  /** From 0. */
  readonly row: number;
  readonly level: number;
  readonly position: number;
  readonly setSize: number;
  readonly expanded: boolean | null;
  readonly selected: boolean;
  /** The one row that the Tab key reaches. */
  readonly current: boolean;
  /** Level of the selected span, when this row is below it. */
  readonly guide: number | null;
  /** Only here because of what it holds. */
  readonly passing: boolean;
}

export interface SpanRowProps extends RowPlace {
  readonly span: SpanRecord;
  readonly geometry: GridGeometry;
  readonly scale: Scale;
  readonly own: ArrayLike<number>;
  readonly critical: readonly number[] | undefined;
  readonly errorsBelow: number;
  readonly descendants: number;
  readonly tokens: number;
  readonly costUsd: number | null;
  /** Tokens that the cost leaves out. */
  readonly unpriced: number;
  readonly orphan: boolean;
  readonly cycle: boolean;
  readonly skew: Skew | null;
  /** One of several visits of its node. */
  readonly iterated: boolean;
  /** A later attempt took its place. */
  readonly superseded: boolean;
  /** The search does not hit it. */
  readonly faded: boolean;
  readonly query: Query | null;
  /** From the start of the trace. */
  readonly offsetMs: number;
}
