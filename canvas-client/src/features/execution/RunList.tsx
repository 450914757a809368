import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useEffectEvent, useId, useRef } from "react";
import type { KeyboardEvent } from "react";

import type { ExecutionRowFragment } from "@/graphql";
import { useNow } from "@/ui";

import styles from "./RunList.module.css";
import { RunOption } from "./RunOption";

interface RunListProps {
  readonly runs: readonly ExecutionRowFragment[];
  readonly selectedId: string | null;
  /** The one that the selected is compared with. */
  readonly comparedId: string | null;
  readonly onSelect: (executionId: string) => void;
  /** The end has come into view; null when there is no more. */
  readonly onEnd: (() => void) | null;
}

const ROW_HEIGHT = 52;

/** The runs as a list box: arrows, Home and End, Page keys select; only the rows in view are in the page. */
export function RunList({ runs, selectedId, comparedId, onSelect, onEnd }: RunListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const selected = runs.findIndex(({ executionId }) => executionId === selectedId);
  const now = useNow(
    1_000,
    runs.some(({ status }) => status === "RUNNING"),
  );
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are drawn here and handed to nobody
  const virtualizer = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => runs[index]?.executionId ?? index,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const rows = virtualizer.getVirtualItems();
  const lastShown = rows.at(-1)?.index ?? 0;
  const reachedEnd = useEffectEvent(() => onEnd?.());

  useEffect(() => {
    if (lastShown >= runs.length - 1) reachedEnd();
  }, [lastShown, runs.length]);

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: selected + 1,
      ArrowUp: Math.max(0, selected - 1),
      PageDown: selected + page,
      PageUp: Math.max(0, selected - page),
      Home: 0,
      End: runs.length - 1,
    };
    const wanted = steps[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    const to = Math.min(runs.length - 1, wanted);
    const run = runs[to];
    if (!run || to === selected) return;
    virtualizer.scrollToIndex(to);
    onSelect(run.executionId);
  };

  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label="Runs"
      tabIndex={0}
      aria-activedescendant={selected >= 0 ? `${id}-${selected}` : undefined}
      className={styles.scroller}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className={styles.rows} style={{ height: virtualizer.getTotalSize() }}>
        {rows.map(({ key, index, start }) => {
          const run = runs[index];
          return (
            run && (
              <RunOption
                key={key}
                id={`${id}-${index}`}
                run={run}
                position={index + 1}
                count={onEnd ? -1 : runs.length}
                selected={index === selected}
                {...(comparedId !== null && {
                  side: index === selected ? "A" : run.executionId === comparedId ? "B" : undefined,
                })}
                now={now}
                top={start}
                height={ROW_HEIGHT}
                onSelect={() => onSelect(run.executionId)}
              />
            )
          );
        })}
      </div>
    </div>
  );
}
