import { useMemo } from "react";

import { CategoryIcon, DataTable, categoryOfSpan, formatCount, formatDuration } from "@/ui";
import type { Column } from "@/ui";

import type { SpanTree } from "../../model/spanTree";
import { useNow, useTrace } from "../../store";
import { useOpenSpan } from "../useOpenSpan";
import styles from "./FlameView.module.css";
import { spanStats } from "./spanStats";
import type { SpanStats } from "./spanStats";

const COLUMNS: readonly Column<SpanStats>[] = [
  {
    id: "name",
    label: "Name",
    width: 200,
    grow: 1,
    cell: ({ name, category, nodeType }) => (
      <span className={styles.nameCell}>
        <CategoryIcon category={categoryOfSpan(category, nodeType)} />
        {name}
      </span>
    ),
  },
  { id: "count", label: "Count", width: 64, align: "end", cell: ({ count }) => formatCount(count) },
  {
    id: "errors",
    label: "Errors",
    width: 64,
    align: "end",
    cell: ({ errors }) => errors > 0 && <span className={styles.errors}>{formatCount(errors)}</span>,
  },
  { id: "own", label: "Own time", width: 88, align: "end", cell: ({ ownMs }) => formatDuration(ownMs) },
  { id: "total", label: "Total", width: 88, align: "end", cell: ({ totalMs }) => formatDuration(totalMs) },
  {
    id: "mean",
    label: "Mean",
    width: 80,
    align: "end",
    cell: ({ totalMs, count }) => formatDuration(totalMs / count),
  },
  { id: "longest", label: "Longest", width: 88, align: "end", cell: ({ longestMs }) => formatDuration(longestMs) },
];

/** The flame graph in numbers: what spans of one name took together. A row selects the longest of them. */
export function SpanStatsTable({ tree, version }: { readonly tree: SpanTree; readonly version: number }) {
  const selectedId = useTrace((state) => state.selectedId);
  const openSpan = useOpenSpan();
  const now = useNow();
  const rows = useMemo(() => (version >= 0 ? spanStats(tree, now) : []), [tree, version, now]);
  return (
    <DataTable
      label="Time by name"
      columns={COLUMNS}
      rows={rows}
      keyOf={({ name, category }) => `${category} ${name}`}
      isSelected={({ span }) => tree.get(span).spanId === selectedId}
      onSelect={({ span }) => openSpan(tree.get(span).spanId)}
    />
  );
}
