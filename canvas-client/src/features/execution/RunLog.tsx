import { ArrowDownToLine } from "lucide-react";
import { useMemo, useState } from "react";

import { Button, EmptyState, ErrorState, SearchField, Segmented, Skeleton, formatCount } from "@/ui";

import { LogLines } from "./LogLines";
import styles from "./RunLog.module.css";
import { MOST_SPANS, useTraceLog } from "./api/useTraceLog";
import { filterLog } from "./model/logEntries";
import type { LogFilter } from "./model/logEntries";

interface RunLogProps {
  readonly executionId: string;
  readonly status: string;
}

const FILTERS = [
  { id: "all", label: "All" },
  { id: "events", label: "Events" },
  { id: "errors", label: "Errors" },
] as const satisfies readonly { id: LogFilter; label: string }[];

/** What happened, line by line, the newest at the end. */
export function RunLog({ executionId, status }: RunLogProps) {
  const { entries, isCut, error } = useTraceLog(executionId);
  const [filter, setFilter] = useState<LogFilter>("all");
  const [search, setSearch] = useState("");
  const [following, setFollowing] = useState(true);
  const lines = useMemo(() => entries && filterLog(entries, filter, search), [entries, filter, search]);

  let content = <Skeleton label="Loading the log" rowHeight={24} />;
  if (lines && lines.length > 0) {
    content = <LogLines lines={lines} following={following} onFollow={setFollowing} />;
  } else if (error && !lines) {
    content = <ErrorState title="The log cannot be shown">{error}</ErrorState>;
  } else if (entries && entries.length > 0) {
    content = <EmptyState title="No line matches" />;
  } else if (entries) {
    content = (
      <EmptyState
        title={
          status === "QUEUED"
            ? "Waiting for a worker"
            : status === "RUNNING"
              ? "The first span is on its way"
              : "Nothing was traced"
        }
      />
    );
  }

  return (
    <section aria-label="Log" className={styles.log}>
      <header className={styles.toolbar}>
        <h2 className={styles.title}>Log</h2>
        <Segmented<LogFilter> label="Lines" items={FILTERS} value={filter} onChange={setFilter} />
        <SearchField label="Search the log" value={search} onChange={setSearch} className={styles.search} />
        <span className={styles.count}>
          {error && lines && "Not live: "}
          {lines && lines.length > 0 && `${formatCount(lines.length)} lines`}
        </span>
        {!following && (
          <Button icon={ArrowDownToLine} onClick={() => setFollowing(true)}>
            To the end
          </Button>
        )}
      </header>
      {content}
      {isCut && (
        <p className={styles.notice}>
          The log has the first {formatCount(MOST_SPANS)} spans; the trace has all of them.
        </p>
      )}
    </section>
  );
}
