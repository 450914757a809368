import type { Edge, EdgeProps } from "@xyflow/react";

import { cx } from "@/ui";

import type { EdgeRoute } from "../model/layout";
import type { GraphEdge } from "../model/workflowGraph";
import { useGraphView } from "./graphContext";
import styles from "./FlowEdge.module.css";

export type FlowEdgeType = Edge<{ readonly edge: GraphEdge; readonly route: EdgeRoute }, "flow">;

/** Beyond this a label is cut; the side panel has all of it. */
const LONGEST_LABEL = 22;

const cut = (label: string) => (label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label);

/** A line with an arrow; the branch of a conditional one stands on it. */
export function FlowEdge({ data }: EdgeProps<FlowEdgeType>) {
  const { takenEdges, run, direction } = useGraphView();
  if (!data) return null;
  const { edge, route } = data;
  const { path, label, arrow } = route;
  const taken = takenEdges.has(edge.id);
  // The arrow is drawn to the right, and turned to where the line comes from.
  const turn = edge.back ? (direction === "right" ? -90 : 180) : direction === "right" ? 0 : 90;
  return (
    <g
      className={cx(
        styles.edge,
        styles[edge.kind],
        edge.back && styles.back,
        taken && styles.taken,
        run && !taken && styles.quiet,
      )}
    >
      <path d={path} className={styles.line} />
      <path
        d="M0,0 L-8,-4.5 L-8,4.5 Z"
        className={styles.arrow}
        transform={`translate(${arrow.x} ${arrow.y}) rotate(${turn})`}
      />
      {label && edge.label !== null && (
        <g transform={`translate(${label.x} ${label.y})`}>
          {edge.condition && <title>If {edge.condition}</title>}
          <rect
            x={-widthOf(edge.label) / 2}
            y={-9}
            width={widthOf(edge.label)}
            height={18}
            rx={9}
            className={styles.plate}
          />
          <text textAnchor="middle" dy="0.34em" className={styles.label}>
            {cut(edge.label)}
          </text>
        </g>
      )}
    </g>
  );
}

const widthOf = (label: string) => cut(label).length * 6.4 + 14;
