import { useTrace } from "../store";
import type { RowList } from "../model/flattenRows";
import { visibleName } from "../model/visibleName";
import { indentOf } from "./useGridGeometry";

/** Toggle, icon, gaps and a mark beside the name. */
const AROUND_PX = 84;
/** Measuring all of a large trace would take long, and the longest name is mostly among the first. */
const MOST_ROWS = 2_000;
const FONT = "13px Inter, system-ui, sans-serif";

/** The width at which the longest visible name fits. */
export function useFitName(rows: RowList): () => number {
  const tree = useTrace((state) => state.tree);
  return () => {
    const pen = document.createElement("canvas").getContext("2d");
    if (pen === null) return 0;
    pen.font = FONT;
    let widest = 0;
    for (let row = 0; row < Math.min(rows.length, MOST_ROWS); row += 1) {
      const { span, group, level } = rows.at(row);
      const index = group === null ? span : (group.members[0] ?? -1);
      if (index < 0) continue;
      const width = pen.measureText(visibleName(tree.get(index).displayName)).width;
      widest = Math.max(widest, indentOf(level, Infinity).width + width);
    }
    return Math.ceil(widest + AROUND_PX);
  };
}
