import { ChevronsDownUp, LocateFixed, Route, Settings2, ZoomIn, ZoomOut } from "lucide-react";

import { IconButton, Menu, usePreference, type MenuItem } from "@/ui";

import { EVERYTHING, toDepth } from "../model/expansion";
import type { SortKey } from "../model/flattenRows";
import type { Density } from "../SpanTree/useGridGeometry";
import { showsCriticalPath } from "../store/selectors";
import { useTrace, useTraceActions, type TimeMode } from "../store";
import { TRACE_KEYS } from "../shortcuts";
import { useTraceCommands } from "../useTraceCommands";

const SORTS: readonly (readonly [SortKey, string])[] = [
  ["start", "As a tree, by start"],
  ["duration", "Flat, longest first"],
  ["tokens", "Flat, most tokens first"],
  ["cost", "Flat, most costly first"],
];
const TIME_MODES: readonly (readonly [TimeMode, string])[] = [
  ["relative", "Times from the start of the run"],
  ["absolute", "Times on the clock"],
  ["parent", "Times from the start of the parent"],
];
const DEPTHS = [1, 2, 3, 4] as const;

/** Folding, sorting and zooming. */
export function TreeTools() {
  const commands = useTraceCommands();
  const { change } = useTraceActions();
  const sort = useTrace((state) => state.sort);
  const timeMode = useTrace((state) => state.timeMode);
  const path = useTrace(showsCriticalPath);
  const zoomed = useTrace((state) => state.zoom !== null);
  const selected = useTrace((state) => state.selectedId !== null);
  const [density, setDensity] = usePreference<Density>("trace.density", "comfortable");

  const folds: MenuItem[] = [
    { id: "all", label: "Unfold all", onSelect: () => change({ expansion: EVERYTHING }) },
    { id: "none", label: "Fold all", onSelect: () => change({ expansion: toDepth(0) }) },
    ...DEPTHS.map((depth) => ({
      id: `depth-${depth}`,
      label: `Unfold to level ${depth + 1}`,
      onSelect: () => change({ expansion: toDepth(depth) }),
    })),
    {
      id: "subtree",
      label: "Fold or unfold all below the selected",
      keys: TRACE_KEYS.toggleSubtree,
      disabled: !selected,
      onSelect: commands.toggleSubtree,
    },
  ];
  const more: MenuItem[][] = [
    SORTS.map(([key, label]) => ({ id: key, label, checked: sort === key, onSelect: () => change({ sort: key }) })),
    TIME_MODES.map(([key, label]) => ({
      id: key,
      label,
      checked: timeMode === key,
      onSelect: () => change({ timeMode: key }),
    })),
    [
      {
        id: "path",
        label: "Critical path",
        icon: Route,
        keys: TRACE_KEYS.criticalPath,
        checked: path,
        onSelect: commands.toggleCriticalPath,
      },
      {
        id: "compact",
        label: "Compact rows",
        checked: density === "compact",
        onSelect: () => setDensity(density === "compact" ? "comfortable" : "compact"),
      },
    ],
    [
      {
        id: "fit",
        label: "Zoom to the selected span",
        icon: LocateFixed,
        keys: TRACE_KEYS.fit,
        disabled: !selected,
        onSelect: commands.fitSelected,
      },
      { id: "in", label: "Zoom in", icon: ZoomIn, keys: TRACE_KEYS.zoomIn, onSelect: commands.zoomIn },
      {
        id: "out",
        label: "Zoom out",
        icon: ZoomOut,
        keys: TRACE_KEYS.zoomOut,
        disabled: !zoomed,
        onSelect: commands.zoomOut,
      },
    ],
  ];
  return (
    <>
      {zoomed && (
        <IconButton
          label="Show all of the time"
          icon={ZoomOut}
          keys={TRACE_KEYS.resetZoom}
          onClick={commands.resetZoom}
        />
      )}
      <Menu label="Fold and unfold" groups={[folds]}>
        <IconButton label="Fold and unfold" icon={ChevronsDownUp} />
      </Menu>
      <Menu label="How the tree is shown" groups={more}>
        <IconButton label="Sort, times and zoom" icon={Settings2} />
      </Menu>
    </>
  );
}
