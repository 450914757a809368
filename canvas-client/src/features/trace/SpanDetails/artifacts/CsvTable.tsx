import Papa from "papaparse";
import { useMemo } from "react";

import { DataTable, TextView } from "@/ui";
import type { Column } from "@/ui";

import { readCsv } from "./csv";

/** Comma-separated values as a table; text that is none stays text. */
export default function CsvTable({ text, label }: { readonly text: string; readonly label: string }) {
  const table = useMemo(
    () => readCsv(text, (source) => Papa.parse<string[]>(source, { skipEmptyLines: "greedy" }).data),
    [text],
  );
  if (table === null) return <TextView text={text} label={label} fill />;
  const columns = table.columns.map<Column<readonly string[]>>(({ label: name, width, numeric }, place) => ({
    id: String(place),
    label: name,
    width,
    grow: 1,
    align: numeric ? "end" : "start",
    cell: (row) => <span title={(row[place]?.length ?? 0) > 30 ? row[place] : undefined}>{row[place] ?? ""}</span>,
  }));
  return <DataTable label={label} columns={columns} rows={table.rows} keyOf={(_, index) => index} />;
}
