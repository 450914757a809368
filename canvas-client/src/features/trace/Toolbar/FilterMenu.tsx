import { SlidersHorizontal, X } from "lucide-react";
import { Popover } from "radix-ui";
import type { ReactNode } from "react";

import { CATEGORIES, CategoryIcon, categoryOfSpan, cx, formatCompact, formatCount, formatDuration } from "@/ui";

import { NO_FILTERS, countFacets, filterCount, type SpanFilters, type SpanOutcome } from "../model/filterSpans";
import { nowOf, useSpans, useTrace, useTraceActions, useTraceStore } from "../store";
import styles from "./FilterMenu.module.css";

const OUTCOME_LABELS: Readonly<Record<SpanOutcome, string>> = {
  error: "Failed",
  running: "Running",
  ok: "Succeeded",
  abandoned: "Abandoned",
};
const DURATIONS_MS = [10, 100, 1_000, 10_000] as const;
const TOKENS = [100, 1_000, 10_000] as const;

/** Filters as chips: what is on stands in the bar, the rest behind a button. */
export function FilterMenu() {
  const filters = useTrace((state) => state.filters);
  const { change } = useTraceActions();
  const active = filterCount(filters);
  return (
    <div className={styles.bar}>
      <Popover.Root>
        <Popover.Trigger className={cx(styles.trigger, active > 0 && styles.on)}>
          <SlidersHorizontal aria-hidden size={14} />
          <span className={styles.word}>Filter</span>
          {active > 0 && <span className={styles.badge}>{active}</span>}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            className={styles.panel}
            align="start"
            sideOffset={4}
            collisionPadding={8}
            aria-label="Filters"
          >
            <Choices />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {active > 0 && (
        <button
          type="button"
          className={styles.clear}
          aria-label="Clear all filters"
          title="Clear all filters"
          onClick={() => change({ filters: NO_FILTERS })}
        >
          <X aria-hidden size={14} />
        </button>
      )}
    </div>
  );
}

function Choices() {
  const store = useTraceStore();
  const { tree } = useSpans();
  const filters = useTrace((state) => state.filters);
  const { change } = useTraceActions();
  const facets = countFacets(tree, filters, nowOf(store.getState()));
  const set = (choice: Partial<SpanFilters>) => change({ filters: { ...filters, ...choice } });
  return (
    <>
      <Facet title="State">
        {[...facets.outcomes].map(([outcome, count]) => (
          <Chip
            key={outcome}
            count={count}
            on={filters.outcomes.has(outcome)}
            onToggle={() => set({ outcomes: toggled(filters.outcomes, outcome) })}
          >
            {OUTCOME_LABELS[outcome]}
          </Chip>
        ))}
      </Facet>
      <Facet title="Category">
        {[...facets.categories].map(([category, count]) => (
          <Chip
            key={category}
            count={count}
            on={filters.categories.has(category)}
            onToggle={() => set({ categories: toggled(filters.categories, category) })}
          >
            <CategoryIcon category={categoryOfSpan(category)} size={12} />
            {category === "NODE" ? "Node" : CATEGORIES[categoryOfSpan(category)].label}
          </Chip>
        ))}
      </Facet>
      <Facet title="Duration at least">
        {DURATIONS_MS.map((ms) => (
          <Chip
            key={ms}
            on={filters.minDurationMs === ms}
            onToggle={() => set({ minDurationMs: filters.minDurationMs === ms ? 0 : ms })}
          >
            {formatDuration(ms)}
          </Chip>
        ))}
      </Facet>
      <Facet title="Tokens at least">
        {TOKENS.map((tokens) => (
          <Chip
            key={tokens}
            on={filters.minTokens === tokens}
            onToggle={() => set({ minTokens: filters.minTokens === tokens ? 0 : tokens })}
          >
            {formatCompact(tokens)}
          </Chip>
        ))}
      </Facet>
    </>
  );
}

function Facet({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <fieldset className={styles.facet}>
      <legend className={styles.title}>{title}</legend>
      <div className={styles.chips}>{children}</div>
    </fieldset>
  );
}

interface ChipProps {
  readonly on: boolean;
  readonly count?: number;
  readonly onToggle: () => void;
  readonly children: ReactNode;
}

function Chip({ on, count, onToggle, children }: ChipProps) {
  return (
    <button type="button" aria-pressed={on} className={cx(styles.chip, on && styles.on)} onClick={onToggle}>
      {children}
      {count !== undefined && <span className={styles.count}>{formatCount(count)}</span>}
    </button>
  );
}

function toggled<Value>(values: ReadonlySet<Value>, value: Value): ReadonlySet<Value> {
  const next = new Set(values);
  if (!next.delete(value)) next.add(value);
  return next;
}
