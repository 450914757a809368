import { DataTable, formatCost, formatCount, formatDuration } from "@/ui";
import type { Column } from "@/ui";

import type { SpanTree } from "../../model/spanTree";
import { useTrace } from "../../store";
import { useOpenSpan } from "../useOpenSpan";
import type { UsageStep } from "./usageOverTime";

interface CallsTableProps {
  readonly tree: SpanTree;
  readonly steps: readonly UsageStep[];
}

/** Each call of a model with what it used and the sums so far: the plot over time in numbers. */
export function CallsTable({ tree, steps }: CallsTableProps) {
  const selectedId = useTrace((state) => state.selectedId);
  const openSpan = useOpenSpan();
  const hasCost = (steps.at(-1)?.totalCostUsd ?? 0) > 0;
  const columns: (Column<UsageStep> | false)[] = [
    { id: "span", label: "Call", width: 160, grow: 2, cell: ({ span }) => tree.get(span).displayName },
    { id: "time", label: "At", width: 88, align: "end", cell: ({ timeMs }) => `+${formatDuration(timeMs)}` },
    { id: "input", label: "In", width: 72, align: "end", cell: ({ input }) => formatCount(input) },
    { id: "output", label: "Out", width: 72, align: "end", cell: ({ output }) => formatCount(output) },
    hasCost && { id: "cost", label: "Cost", width: 80, align: "end", cell: ({ costUsd }) => formatCost(costUsd) },
    {
      id: "total",
      label: "So far",
      width: 88,
      align: "end",
      cell: ({ totalInput, totalOutput }) => formatCount(totalInput + totalOutput),
    },
    hasCost && {
      id: "totalCost",
      label: "Cost so far",
      width: 96,
      align: "end",
      cell: ({ totalCostUsd }) => formatCost(totalCostUsd),
    },
  ];
  return (
    <DataTable
      label="Calls of models"
      columns={columns.filter((column) => column !== false)}
      rows={steps}
      keyOf={({ span }) => span}
      isSelected={({ span }) => tree.get(span).spanId === selectedId}
      onSelect={({ span }) => openSpan(tree.get(span).spanId)}
    />
  );
}
