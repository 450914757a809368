import type { RowList } from "../model/flattenRows";
import type { SpanTree } from "../model/spanTree";

/** What a row is known by while rows come and go: its span's id, or its group's key. */
export function keyOfRow(tree: SpanTree, rows: RowList, row: number): string {
  const { span, group } = rows.at(row);
  return group === null ? tree.get(span).spanId : group.key;
}

/** The row of a key; of a span without a row, that of the nearest span above it; -1 when there is none. */
export function rowOfKey(tree: SpanTree, rows: RowList, key: string): number {
  const group = rows.rowOfGroup(key);
  if (group >= 0) return group;
  for (let at = tree.indexOf(key); at >= 0; at = tree.parentOf(at)) {
    const row = rows.rowOf(at);
    if (row >= 0) return row;
  }
  return -1;
}
