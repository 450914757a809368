import { useRef, type KeyboardEvent, type RefObject } from "react";

import { isShortcut } from "@/app";

import { parentOfUnread } from "../model/siblings";
import { visibleName } from "../model/visibleName";
import type { RowList } from "../model/flattenRows";
import { useTrace, useTraceStore } from "../store";
import { keyOfRow } from "../store/rowKeys";
import type { CurrentRow } from "./useCurrentRow";

/** Letters typed in quicker succession belong to one name. */
const TYPE_AHEAD_MS = 800;

/** The keys of a WAI-ARIA treegrid whose rows have the focus. */
export function useTreeKeyboard(
  scroller: RefObject<HTMLElement | null>,
  rows: RowList,
  current: CurrentRow,
  rowHeight: number,
) {
  const store = useTraceStore();
  const tree = useTrace((state) => state.tree);
  const typed = useRef({ text: "", at: 0 });

  const fold = (row: number, expanded: boolean) => store.getState().setFolds([keyOfRow(tree, rows, row)], expanded);

  const parentRow = (row: number) => {
    const level = rows.levelAt(row);
    let at = row - 1;
    while (at >= 0 && rows.levelAt(at) >= level) at -= 1;
    return at;
  };

  const unfoldSiblings = (row: number) => {
    const level = rows.levelAt(row);
    const keys: string[] = [];
    for (let at = Math.max(0, parentRow(row) + 1); at < rows.length && rows.levelAt(at) >= level; at += 1) {
      if (rows.levelAt(at) === level && rows.at(at).expanded === false) keys.push(keyOfRow(tree, rows, at));
    }
    store.getState().setFolds(keys, true);
  };

  /** A name does not begin with the key of a shortcut; once it has begun, all letters belong to it. */
  const typeAhead = ({ key: letter, timeStamp: now, nativeEvent }: KeyboardEvent): boolean => {
    const goingOn = now - typed.current.at < TYPE_AHEAD_MS && typed.current.text !== "";
    if (!goingOn && (!/[\p{L}\p{N}]/u.test(letter) || isShortcut(nativeEvent))) return false;
    const text = (goingOn ? typed.current.text : "") + letter.toLowerCase();
    typed.current = { text, at: now };
    // The same letter again and again goes from one match to the next.
    const wanted = text === letter.toLowerCase().repeat(text.length) ? letter.toLowerCase() : text;
    const first = wanted.length === 1 ? current.row + 1 : current.row;
    for (let step = 0; step < rows.length; step += 1) {
      const row = (first + step) % rows.length;
      const { span, group } = rows.at(row);
      const index = group === null ? span : (group.members[0] ?? -1);
      if (index < 0 || !visibleName(tree.get(index).displayName).toLowerCase().startsWith(wanted)) continue;
      current.moveTo(row);
      break;
    }
    return true;
  };

  return (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (ctrlKey || metaKey || altKey || rows.length === 0) return;
    if (!(event.target instanceof HTMLElement) || event.target.getAttribute("role") !== "row") return;
    const { row } = current;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const { expanded, span, group } = rows.at(row);
    let handled = true;
    if (shiftKey && key.startsWith("Arrow")) handled = false;
    else if (key === "ArrowDown") current.moveTo(Math.min(rows.length - 1, row + 1));
    else if (key === "ArrowUp") current.moveTo(Math.max(0, row - 1));
    else if (key === "Home") current.moveTo(0);
    else if (key === "End") current.moveTo(rows.length - 1);
    else if (key === "PageDown") current.moveTo(Math.min(rows.length - 1, row + page));
    else if (key === "PageUp") current.moveTo(Math.max(0, row - page));
    else if (key === "ArrowRight") {
      if (expanded === false) fold(row, true);
      else if (expanded) current.moveTo(row + 1);
    } else if (key === "ArrowLeft") {
      if (expanded) fold(row, false);
      else current.moveTo(parentRow(row));
    } else if (key === "*") unfoldSiblings(row);
    else if (key === "Enter" || key === " ") {
      if (group?.kind === "unread") store.getState().readChildren?.(parentOfUnread(group));
      else if (span >= 0) store.getState().selectSpan(tree.get(span).spanId);
      else fold(row, expanded === false);
      if (key === "Enter" && span >= 0) store.getState().change({ detailsOpen: true });
    } else handled = key.length === 1 && typeAhead(event);
    if (!handled) return;
    event.preventDefault();
    event.stopPropagation();
  };
}
