import { useShortcuts, useWorkflowRoute, type Shortcut } from "@/app";

import { copyText } from "./hooks/useCopy";
import { useDetailsFold } from "./hooks/useDetailsFold";
import { TRACE_KEYS } from "./shortcuts";
import { isRunning, useTrace, useTraceStore } from "./store";
import { useTraceCommands } from "./useTraceCommands";
import { spanLink } from "./useTraceUrl";

/** What the widgets handle themselves: for the help. */
const TREE_KEYS: readonly Shortcut[] = [
  { id: "move", keys: ["arrowup", "arrowdown"], label: "Previous and next row" },
  { id: "fold", keys: ["arrowleft", "arrowright"], label: "Fold and unfold" },
  { id: "ends", keys: ["home", "end"], label: "First and last row" },
  { id: "pages", keys: ["pageup", "pagedown"], label: "A page of rows" },
  { id: "siblings", keys: "*", label: "Unfold all rows of the level" },
  { id: "type-ahead", keys: "a…z", label: "Other letters: to a name that begins so" },
];
const AXIS_KEYS: readonly Shortcut[] = [
  { id: "range-end", keys: ["arrowleft", "arrowright"], label: "End of a range" },
  { id: "range-start", keys: [TRACE_KEYS.panLeft, TRACE_KEYS.panRight], label: "Its beginning" },
  { id: "range-zoom", keys: "enter", label: "Zoom to the range" },
];

/** Puts the keys of the trace into the table of shortcuts. */
export function useTraceShortcuts(): void {
  const store = useTraceStore();
  const commands = useTraceCommands();
  const { params, setTab } = useWorkflowRoute();
  const errors = useTrace(({ tree, version }) => version >= 0 && tree.errorCount > 0);
  const selected = useTrace((state) => state.selectedId !== null);
  const live = useTrace(isRunning);
  const details = useDetailsFold();
  useShortcuts("Trace", [
    { id: "next-error", keys: TRACE_KEYS.nextError, label: "Next error", enabled: errors, run: commands.nextError },
    {
      id: "previous-error",
      keys: TRACE_KEYS.previousError,
      label: "Previous error",
      enabled: errors,
      run: commands.previousError,
    },
    { id: "next-model-call", keys: TRACE_KEYS.nextModelCall, label: "Next model call", run: commands.nextModelCall },
    {
      id: "fit",
      keys: TRACE_KEYS.fit,
      label: "Zoom to the selected span",
      enabled: selected,
      run: commands.fitSelected,
    },
    { id: "zoom-in", keys: [TRACE_KEYS.zoomIn, "="], label: "Zoom in", run: commands.zoomIn },
    { id: "zoom-out", keys: TRACE_KEYS.zoomOut, label: "Zoom out", run: commands.zoomOut },
    { id: "reset-zoom", keys: TRACE_KEYS.resetZoom, label: "Show all of the time", run: commands.resetZoom },
    { id: "pan-left", keys: TRACE_KEYS.panLeft, label: "Earlier", run: commands.panLeft, palette: false },
    { id: "pan-right", keys: TRACE_KEYS.panRight, label: "Later", run: commands.panRight, palette: false },
    {
      id: "time-mode",
      keys: TRACE_KEYS.timeMode,
      label: "Times from the start, on the clock, from the parent",
      run: commands.nextTimeMode,
    },
    {
      id: "critical-path",
      keys: TRACE_KEYS.criticalPath,
      label: "Show or hide the critical path",
      run: commands.toggleCriticalPath,
    },
    {
      id: "subtree",
      keys: TRACE_KEYS.toggleSubtree,
      label: "Fold or unfold all below the selected span",
      enabled: selected,
      run: commands.toggleSubtree,
    },
    {
      id: "follow",
      keys: TRACE_KEYS.follow,
      label: "Follow the newest span, or stay",
      enabled: live,
      run: commands.toggleFollow,
    },
    {
      id: "copy-link",
      keys: TRACE_KEYS.copyLink,
      label: "Copy a link to the selected span",
      run: () => void copyText(spanLink(store.getState(), params)),
    },
    {
      id: "to-node",
      keys: TRACE_KEYS.toNode,
      label: "Show the node in the workflow",
      enabled: selected,
      run: () => setTab("canvas"),
    },
    { id: "details", keys: TRACE_KEYS.toggleDetails, label: "Fold or unfold the details", run: details.toggle },
    {
      id: "back",
      keys: "escape",
      label: "Take back: details, search, zoom, selection",
      run: commands.back,
      palette: false,
    },
  ]);
  useShortcuts("In the tree", TREE_KEYS);
  useShortcuts("On the axis of times", AXIS_KEYS);
}
