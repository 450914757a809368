import { GitCompareArrows } from "lucide-react";

import { useShortcuts } from "@/app";
import type { ExecutionRowFragment } from "@/graphql";
import { Button, IconButton, Menu, STATUSES, formatDateTime, formatDuration, statusOfExecution } from "@/ui";

interface CompareMenuProps {
  readonly executionId: string;
  /** Newest first. */
  readonly runs: readonly ExecutionRowFragment[];
  readonly compact: boolean;
  readonly onCompare: (executionId: string) => void;
}

/** Older runs are found by their address. */
const MOST = 20;

/** What to compare the run with: the last success before it, or another of the runs listed. */
export function CompareMenu({ executionId, runs, compact, onCompare }: CompareMenuProps) {
  const place = runs.findIndex((run) => run.executionId === executionId);
  const success = runs.find((run, at) => at > place && run.status === "SUCCEEDED");
  const others = runs.filter((run) => run.executionId !== executionId).slice(0, MOST);
  useShortcuts("Run", [
    {
      id: "compare",
      label: "Compare with the last success",
      enabled: success !== undefined,
      run: () => success && onCompare(success.executionId),
    },
  ]);
  if (others.length === 0) return null;

  const itemOf = (run: ExecutionRowFragment, name: string) => ({
    id: `${name}${run.executionId}`,
    label: [name || formatDateTime(run.queuedAt), formatDuration(run.durationMs)].filter(Boolean).join(", "),
    icon: STATUSES[statusOfExecution(run.status)].Icon,
    onSelect: () => onCompare(run.executionId),
  });
  return (
    <Menu
      label="Compare with"
      groups={[success ? [itemOf(success, "The last success")] : [], others.map((run) => itemOf(run, ""))]}
    >
      {compact ? (
        <IconButton label="Compare" icon={GitCompareArrows} />
      ) : (
        <Button icon={GitCompareArrows}>Compare</Button>
      )}
    </Menu>
  );
}
