import type { KeyboardEvent, RefObject } from "react";

import type { GraphLayout } from "../model/layout";
import { moveFrom } from "../model/navigate";
import type { Move } from "../model/navigate";
import type { WorkflowGraph } from "../model/workflowGraph";
import { wantFocus } from "./NodeCard";

const MOVES: Readonly<Record<string, Move>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  PageDown: "next",
  PageUp: "previous",
  Home: "first",
  End: "last",
};

interface GraphKeysOptions {
  readonly layout: GraphLayout;
  readonly graph: WorkflowGraph;
  /** The cards in the order of the flow. */
  readonly order: readonly string[];
  readonly focusId: string | null;
  readonly reveal: (nodeId: string) => void;
  readonly onFocus: (nodeId: string) => void;
  readonly onSelect: (nodeId: string | null) => void;
  readonly element: RefObject<HTMLDivElement | null>;
}

/** Moves the focus from card to card. Enter and Space are the cards' own: they are buttons. */
export function useGraphKeys({
  layout,
  graph,
  order,
  focusId,
  reveal,
  onFocus,
  onSelect,
  element,
}: GraphKeysOptions): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Escape") {
      onSelect(null);
      return;
    }
    const move = MOVES[event.key];
    if (!move || focusId === null || !(event.target instanceof Element && event.target.closest("[data-node-id]")))
      return;
    const { boxes, direction } = layout;
    const reachable = new Set(order);
    const cards = new Map(Array.from(boxes).filter(([id]) => reachable.has(id)));
    const next = moveFrom(focusId, move, { order, boxes: cards, edges: graph.edges, direction });
    event.preventDefault();
    if (next === focusId) return;
    reveal(next);
    const drawn = element.current?.querySelector<HTMLElement>(`[data-node-id="${CSS.escape(next)}"]`);
    if (drawn) drawn.focus({ preventScroll: true });
    else wantFocus(next);
    onFocus(next);
  };
}
