import { createContext, useContext } from "react";

import type { Direction } from "../model/arrange";
import type { NodeState, RunOfGraph } from "../model/nodeStates";

/** What the cards and lines of a graph share. Places are not in it: they come with each node. */
export interface GraphView {
  readonly run: RunOfGraph | null;
  readonly stateOf: (nodeId: string) => NodeState;
  readonly takenEdges: ReadonlySet<string>;
  readonly selectedId: string | null;
  /** The one card that Tab comes to. */
  readonly focusId: string | null;
  readonly folded: ReadonlySet<string>;
  readonly direction: Direction;
  readonly onSelect: (nodeId: string) => void;
  readonly onFold: (nodeId: string) => void;
  readonly onFocus: (nodeId: string) => void;
}

export const GraphViewContext = createContext<GraphView | null>(null);

export function useGraphView(): GraphView {
  const view = useContext(GraphViewContext);
  if (!view) throw new Error("used outside of a graph");
  return view;
}
