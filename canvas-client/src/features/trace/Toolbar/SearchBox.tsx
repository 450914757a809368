import { ArrowDown, ArrowUp, ListFilter, Search, X } from "lucide-react";
import { useRef, type KeyboardEvent } from "react";

import { useShortcuts } from "@/app";
import { IconButton, formatCount } from "@/ui";

import { useServerSearch } from "../api/useServerSearch";
import { TRACE_KEYS } from "../shortcuts";
import { useTrace, useTraceActions, useTraceStore } from "../store";
import { hitsOf } from "../store/rows";
import styles from "./SearchBox.module.css";

/** Finds spans by words and fields, and steps through them. */
export function SearchBox() {
  const store = useTraceStore();
  const search = useTrace((state) => state.search);
  const onlyHits = useTrace((state) => state.onlyHits);
  const hits = useTrace(hitsOf);
  const place = useTrace((state) => {
    const found = hitsOf(state);
    return found === null || state.selectedId === null ? -1 : found.order.indexOf(state.tree.indexOf(state.selectedId));
  });
  const { change } = useTraceActions();
  const searching = useServerSearch(store);
  const field = useRef<HTMLInputElement>(null);

  const step = (by: number) => {
    const { tree, selectedId, selectSpan } = store.getState();
    const order = hitsOf(store.getState())?.order;
    if (order === undefined || order.length === 0) return;
    const at = selectedId === null ? -1 : order.indexOf(tree.indexOf(selectedId));
    const next = at < 0 ? (by > 0 ? 0 : order.length - 1) : (at + by + order.length) % order.length;
    selectSpan(tree.get(order[next] ?? 0).spanId, { reveal: true, byReader: false });
  };

  useShortcuts("Trace", [
    { id: "search", keys: TRACE_KEYS.search, label: "Search the spans", run: () => field.current?.focus() },
    { id: "next-hit", keys: "enter", label: "Next hit, in the search field" },
    { id: "previous-hit", keys: "shift+enter", label: "Previous hit, in the search field" },
  ]);

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && search !== "") change({ search: "", onlyHits: false });
    else if (event.key === "Escape") field.current?.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const count = hits?.order.length ?? 0;
  return (
    <div role="search" className={styles.search}>
      <Search aria-hidden size={14} className={styles.icon} />
      <input
        ref={field}
        type="search"
        className={styles.field}
        value={search}
        placeholder="Search: words, kind:tool, dur>1s…"
        aria-label="Search spans"
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => change({ search: target.value })}
        onKeyDown={onKeyDown}
      />
      {hits !== null && (
        <>
          <span className={styles.count} role="status">
            {count === 0
              ? searching
                ? "searching…"
                : "no hit"
              : place < 0
                ? formatCount(count)
                : `${formatCount(place + 1)} of ${formatCount(count)}`}
          </span>
          <IconButton
            className={styles.tool}
            label="Previous hit"
            icon={ArrowUp}
            size={14}
            disabled={count === 0}
            onClick={() => step(-1)}
          />
          <IconButton
            className={styles.tool}
            label="Next hit"
            icon={ArrowDown}
            size={14}
            disabled={count === 0}
            onClick={() => step(1)}
          />
          <IconButton
            className={styles.tool}
            label="Show only hits"
            icon={ListFilter}
            size={14}
            pressed={onlyHits}
            onClick={() => change({ onlyHits: !onlyHits })}
          />
          <IconButton
            className={styles.tool}
            label="Clear the search"
            icon={X}
            size={14}
            onClick={() => change({ search: "", onlyHits: false })}
          />
        </>
      )}
    </div>
  );
}
