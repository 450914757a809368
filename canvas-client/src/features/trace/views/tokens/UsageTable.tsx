import { useMemo } from "react";

import { DataTable, formatCostSum, formatCount, formatTokens } from "@/ui";
import type { Column } from "@/ui";

import { useTraceStore } from "../../store";
import { useOpenSpan } from "../useOpenSpan";
import styles from "./TokensView.module.css";
import type { TraceUsage } from "./useTraceUsage";

interface UsageRow {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  readonly nodeId: string | null;
  readonly calls: number;
  readonly usage: TraceUsage["tokenUsage"];
}

/** Sums by node or by model, the largest first, each with its share as a bar. */
export function UsageTable({ usage, by }: { readonly usage: TraceUsage; readonly by: "node" | "model" }) {
  const store = useTraceStore();
  const openSpan = useOpenSpan();
  const rows = useMemo(() => rowsOf(usage, by), [usage, by]);
  const columns = useMemo(() => columnsOf(rows, by), [rows, by]);

  const selectNode = ({ nodeId }: UsageRow) => {
    const span = store.getState().tree.spans.find((candidate) => candidate.nodeId === nodeId);
    if (span) openSpan(span.spanId);
  };

  return (
    <DataTable
      label={by === "node" ? "Tokens by node" : "Tokens by model"}
      columns={columns}
      rows={rows}
      keyOf={({ id }) => id}
      {...(by === "node" && { onSelect: selectNode })}
    />
  );
}

function rowsOf(usage: TraceUsage, by: "node" | "model"): readonly UsageRow[] {
  if (by === "node") {
    return usage.tokenUsageByNode.map(({ nodeId, calls, tokenUsage }) => ({
      id: nodeId ?? "",
      name: nodeId ?? "Without a node",
      provider: "",
      nodeId: nodeId ?? null,
      calls,
      usage: tokenUsage,
    }));
  }
  return usage.tokenUsageByModel.map(({ provider, model, calls, tokenUsage }) => ({
    id: `${provider ?? ""}/${model ?? ""}`,
    name: model ?? "Unknown model",
    provider: provider ?? "",
    nodeId: null,
    calls,
    usage: tokenUsage,
  }));
}

function columnsOf(rows: readonly UsageRow[], by: "node" | "model"): readonly Column<UsageRow>[] {
  const most = Math.max(1, ...rows.map(({ usage }) => usage.total));
  const number = (id: string, label: string, width: number, of: (row: UsageRow) => string): Column<UsageRow> => ({
    id,
    label,
    width,
    align: "end",
    cell: of,
  });
  const some = (of: (row: UsageRow) => number | null | undefined) => rows.some((row) => (of(row) ?? 0) > 0);
  const columns: (Column<UsageRow> | false)[] = [
    { id: "name", label: by === "node" ? "Node" : "Model", width: 120, grow: 2, cell: ({ name }) => name },
    by === "model" && { id: "provider", label: "Provider", width: 100, cell: ({ provider }) => provider },
    { id: "share", label: "Share", width: 64, grow: 3, cell: ({ usage }) => <Share usage={usage} most={most} /> },
    number("calls", "Calls", 62, ({ calls }) => formatCount(calls)),
    number("input", "In", 64, ({ usage }) => formatCount(usage.input)),
    some(({ usage }) => usage.cacheRead) &&
      number("cached", "Cached", 80, ({ usage }) => formatTokens(usage.cacheRead)),
    number("output", "Out", 64, ({ usage }) => formatCount(usage.output)),
    some(({ usage }) => usage.reasoning) &&
      number("reasoning", "Reasoning", 96, ({ usage }) => formatTokens(usage.reasoning)),
    some(({ usage }) => usage.costUsd) && number("cost", "Cost", 92, ({ usage }) => formatCostSum(usage)),
  ];
  return columns.filter((column) => column !== false);
}

function Share({ usage, most }: { readonly usage: UsageRow["usage"]; readonly most: number }) {
  return (
    <span aria-hidden className={styles.usage}>
      <span className={styles.input} style={{ width: `${(usage.input / most) * 100}%` }} />
      <span className={styles.output} style={{ width: `${(usage.output / most) * 100}%` }} />
    </span>
  );
}
