import { CalendarClock, ListFilter } from "lucide-react";

import { Button, Menu, STATUSES, statusOfExecution } from "@/ui";

import styles from "./ExecutionTab.module.css";
import { SINCE, STATUS_VALUES } from "./model/runFilter";
import type { RunFilter, SinceKey } from "./model/runFilter";

interface RunFiltersProps {
  readonly filter: RunFilter;
  readonly onChange: (filter: RunFilter) => void;
}

const labelOf = (status: string) => STATUSES[statusOfExecution(status)].label;

/** Which runs are listed: by status, several at once, and by time. */
export function RunFilters({ filter, onChange }: RunFiltersProps) {
  const { statuses, since } = filter;
  const [only] = statuses;
  const statusText =
    statuses.length === 0 || !only
      ? "Any status"
      : statuses.length === 1
        ? labelOf(only)
        : `${statuses.length} statuses`;
  const sinceKeys = Object.keys(SINCE) as SinceKey[];

  return (
    <div role="group" aria-label="Filter the runs" className={styles.filters}>
      <Menu
        label="Status"
        align="start"
        groups={[
          [
            {
              id: "any",
              label: "Any status",
              checked: statuses.length === 0,
              onSelect: () => onChange({ ...filter, statuses: [] }),
            },
          ],
          STATUS_VALUES.map((status) => ({
            id: status,
            label: labelOf(status),
            icon: STATUSES[statusOfExecution(status)].Icon,
            checked: statuses.includes(status),
            onSelect: () =>
              onChange({
                ...filter,
                statuses: statuses.includes(status)
                  ? statuses.filter((known) => known !== status)
                  : [...statuses, status],
              }),
          })),
        ]}
      >
        <Button icon={ListFilter} aria-pressed={statuses.length > 0} className={styles.filter}>
          {statusText}
        </Button>
      </Menu>
      <Menu
        label="Time"
        align="start"
        groups={[
          [
            {
              id: "any",
              label: "Any time",
              checked: since === null,
              onSelect: () => onChange({ ...filter, since: null }),
            },
          ],
          sinceKeys.map((key) => ({
            id: key,
            label: SINCE[key].label,
            checked: since === key,
            onSelect: () => onChange({ ...filter, since: key }),
          })),
        ]}
      >
        <Button icon={CalendarClock} aria-pressed={since !== null} className={styles.filter}>
          {since ? SINCE[since].label : "Any time"}
        </Button>
      </Menu>
    </div>
  );
}
