import { ListFilter } from "lucide-react";

import { Button, Menu, STATUSES, statusOfExecution } from "@/ui";

import styles from "./ExecutionTab.module.css";
import { TimeFilter } from "./TimeFilter";
import { STATUS_VALUES } from "./model/runFilter";
import type { RunFilter } from "./model/runFilter";

interface RunFiltersProps {
  readonly filter: RunFilter;
  readonly onChange: (filter: RunFilter) => void;
}

const labelOf = (status: string) => STATUSES[statusOfExecution(status)].label;

/** Which runs are listed: by status, several at once, and by time. */
export function RunFilters({ filter, onChange }: RunFiltersProps) {
  const { statuses } = filter;
  const [only] = statuses;
  const statusText =
    statuses.length === 0 || !only
      ? "Any status"
      : statuses.length === 1
        ? labelOf(only)
        : `${statuses.length} statuses`;

  return (
    <div role="group" aria-label="Filter the runs" className={styles.filters}>
      <Menu
        label="Status"
        align="start"
        staysOpen
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
      <TimeFilter filter={filter} onChange={onChange} />
    </div>
  );
}
