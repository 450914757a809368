import { useReactFlow, useStore } from "@xyflow/react";
import { Maximize, MoveDown, MoveRight, ZoomIn, ZoomOut } from "lucide-react";

import { useShortcuts } from "@/app";
import { IconButton } from "@/ui";

import type { Direction } from "../model/arrange";
import type { GraphLayout } from "../model/layout";
import { fitted } from "../model/viewport";
import styles from "./GraphControls.module.css";

interface GraphControlsProps {
  readonly direction: Direction;
  readonly onDirection: (direction: Direction) => void;
  readonly layout: GraphLayout;
}

/** Zoom, fit, and the way that the flow goes. */
export function GraphControls({ direction, onDirection, layout }: GraphControlsProps) {
  const { zoomIn, zoomOut, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const fit = () => void setViewport(fitted(layout, { width, height }));
  const turn = () => onDirection(direction === "right" ? "down" : "right");
  const turnLabel = direction === "right" ? "Let it flow downwards" : "Let it flow to the right";
  useShortcuts("Graph", [
    { id: "fit", keys: "f", label: "Show the whole graph", run: fit },
    { id: "in", keys: "+", label: "Zoom in", palette: false, run: () => void zoomIn() },
    { id: "out", keys: "-", label: "Zoom out", palette: false, run: () => void zoomOut() },
    { id: "turn", label: turnLabel, run: turn },
    { id: "moves", keys: ["arrowleft", "arrowright", "arrowup", "arrowdown"], label: "Go from node to node" },
    {
      id: "order",
      keys: ["pageup", "pagedown", "home", "end"],
      label: "Go through the nodes in the order of the flow",
    },
    { id: "select", keys: "enter", label: "Select the node and its span" },
    { id: "clear", keys: "escape", label: "Select nothing" },
  ]);
  return (
    <div role="toolbar" aria-label="View of the graph" className={styles.controls}>
      <IconButton label="Zoom in" keys="+" icon={ZoomIn} onClick={() => void zoomIn()} />
      <IconButton label="Zoom out" keys="-" icon={ZoomOut} onClick={() => void zoomOut()} />
      <IconButton label="Show the whole graph" keys="f" icon={Maximize} onClick={fit} />
      <IconButton label={turnLabel} icon={direction === "right" ? MoveDown : MoveRight} onClick={turn} />
    </div>
  );
}
