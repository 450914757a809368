import { CalendarClock, ChevronDown } from "lucide-react";
import { Popover } from "radix-ui";
import { useId, useState } from "react";

import { Button, formatDateTime } from "@/ui";

import styles from "./ExecutionTab.module.css";
import timeStyles from "./TimeFilter.module.css";
import { SINCE, fromLocalInput, isRestrictedInTime, toLocalInput } from "./model/runFilter";
import type { RunFilter, SinceKey } from "./model/runFilter";

interface TimeFilterProps {
  readonly filter: RunFilter;
  readonly onChange: (filter: RunFilter) => void;
}

const PRESETS: readonly (SinceKey | null)[] = [null, ...(Object.keys(SINCE) as SinceKey[])];

const labelOf = (since: SinceKey | null) => (since === null ? "Any time" : SINCE[since].label);

const shortTime = (time: number) => formatDateTime(new Date(time).toISOString()).replace(/:\d\d$/, "");

function inWords({ since, from, to }: RunFilter): string {
  if (from !== null && to !== null) return `${shortTime(from)} – ${shortTime(to)}`;
  if (from !== null) return `From ${shortTime(from)}`;
  return to === null ? labelOf(since) : `Before ${shortTime(to)}`;
}

/** When the runs were asked for: back from now, or between two times. */
export function TimeFilter({ filter, onChange }: TimeFilterProps) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button icon={CalendarClock} aria-pressed={isRestrictedInTime(filter)} className={styles.filter}>
          {inWords(filter)}
          <ChevronDown aria-hidden size={12} />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={timeStyles.panel}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Time"
        >
          <Choices filter={filter} onChange={onChange} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Choices({ filter, onChange }: TimeFilterProps) {
  const id = useId();
  const isCustom = filter.from !== null || filter.to !== null;
  // A range that is filled in from its end is no range yet.
  const [draft, setDraft] = useState({ from: toLocalInput(filter.from), to: toLocalInput(filter.to) });
  const from = fromLocalInput(draft.from);
  const to = fromLocalInput(draft.to);
  const isReversed = from !== null && to !== null && from >= to;

  const choose = (since: SinceKey | null) => {
    setDraft({ from: "", to: "" });
    onChange({ ...filter, since, from: null, to: null });
  };
  const write = (side: "from" | "to", text: string) => {
    const next = { ...draft, [side]: text };
    setDraft(next);
    const range = { from: fromLocalInput(next.from), to: fromLocalInput(next.to) };
    if (range.from !== null && range.to !== null && range.from >= range.to) return;
    onChange({ ...filter, since: null, ...range });
  };

  return (
    <>
      <fieldset className={timeStyles.presets}>
        <legend className="visually-hidden">Back from now</legend>
        {PRESETS.map((since) => (
          <label key={since ?? ""} className={timeStyles.preset}>
            <input
              type="radio"
              name={id}
              checked={!isCustom && filter.since === since}
              onChange={() => choose(since)}
            />
            {labelOf(since)}
          </label>
        ))}
      </fieldset>
      <fieldset className={timeStyles.range}>
        <legend className={timeStyles.title}>Between two times</legend>
        {(["from", "to"] as const).map((side) => (
          <label key={side} className={timeStyles.field}>
            <span className={timeStyles.side}>{side === "from" ? "From" : "To"}</span>
            <input
              type="datetime-local"
              className={timeStyles.control}
              value={draft[side]}
              aria-invalid={isReversed}
              aria-describedby={`${id}-problem`}
              onChange={(event) => write(side, event.target.value)}
            />
          </label>
        ))}
        <p id={`${id}-problem`} role="alert" className={timeStyles.problem}>
          {isReversed && "The end has to be after the beginning."}
        </p>
      </fieldset>
    </>
  );
}
