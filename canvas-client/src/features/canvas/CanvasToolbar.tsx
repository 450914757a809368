import { ChevronDown, History, ListVideo, Radio } from "lucide-react";

import { useWorkflowRoute } from "@/app";
import { useConnection } from "@/graphql";
import {
  Button,
  Menu,
  STATUSES,
  Segmented,
  StatusPill,
  formatAgo,
  formatDateTime,
  formatDuration,
  statusOfExecution,
} from "@/ui";
import type { MenuItem } from "@/ui";

import styles from "./CanvasToolbar.module.css";
import type { CanvasWorkflow } from "./api/useDefinition";
import { useVersions } from "./api/useDefinition";
import type { CanvasExecution } from "./api/useExecution";
import type { CanvasRun } from "./api/useRuns";
import { useDraft } from "./drafts";
import type { CanvasFace } from "./model/canvasParams";

interface CanvasToolbarProps {
  readonly workflow: CanvasWorkflow;
  readonly version: number;
  readonly face: CanvasFace;
  readonly onFace: (face: CanvasFace) => void;
  readonly runs: readonly CanvasRun[] | null;
  readonly execution: CanvasExecution | null;
  readonly live: boolean;
  readonly onVersion: (version: number) => void;
}

/** Graph or definition, which run, which version. */
export function CanvasToolbar({
  workflow,
  version,
  face,
  onFace,
  runs,
  execution,
  live,
  onVersion,
}: CanvasToolbarProps) {
  const dirty = useDraft(workflow.workflowId) !== null;
  return (
    <div className={styles.bar}>
      {!workflow.external && (
        <Segmented<CanvasFace>
          label="What is shown of the workflow"
          items={[
            { id: "graph", label: "Graph" },
            { id: "definition", label: dirty ? "Definition (edited)" : "Definition" },
          ]}
          value={face}
          onChange={onFace}
        />
      )}
      {face === "graph" && <RunPicker workflow={workflow} runs={runs} execution={execution} />}
      {face === "graph" && live && <LiveIndicator />}
      <span className={styles.space} />
      {!workflow.external && <VersionPicker workflow={workflow} version={version} onVersion={onVersion} />}
    </div>
  );
}

interface RunPickerProps {
  readonly workflow: CanvasWorkflow;
  readonly runs: readonly CanvasRun[] | null;
  readonly execution: CanvasExecution | null;
}

function RunPicker({ workflow, runs, execution }: RunPickerProps) {
  const { setExecution, setTab } = useWorkflowRoute();
  if (runs === null && execution === null) return null;
  const items: MenuItem[] = (runs ?? []).map((run) => ({
    id: run.executionId,
    label: labelOfRun(run, workflow.version),
    icon: STATUSES[statusOfExecution(run.status)].Icon,
    checked: run.executionId === execution?.executionId,
    onSelect: () => setExecution(run.executionId),
  }));
  const all: MenuItem = { id: "all", label: "All executions", icon: ListVideo, onSelect: () => setTab("execution") };
  return (
    <Menu label="Recent executions" align="start" groups={[items, [all]]}>
      <Button className={styles.picker} aria-label={`Execution: ${execution ? spoken(execution) : "none"}`}>
        {execution ? (
          <>
            <StatusPill status={statusOfExecution(execution.status)} />
            <span className={styles.when}>{formatAgo(execution.startedAt ?? execution.queuedAt)}</span>
            <span className={styles.duration}>{formatDuration(execution.durationMs)}</span>
          </>
        ) : (
          <span className={styles.when}>{items.length === 0 ? "Not run yet" : "No execution of this version"}</span>
        )}
        <ChevronDown aria-hidden size={14} />
      </Button>
    </Menu>
  );
}

const spoken = ({ status, startedAt, queuedAt }: CanvasExecution) =>
  `${STATUSES[statusOfExecution(status)].label}, ${formatAgo(startedAt ?? queuedAt)}`;

function labelOfRun({ status, queuedAt, durationMs, workflowVersion }: CanvasRun, current: number): string {
  const { label } = STATUSES[statusOfExecution(status)];
  const version = workflowVersion === null || workflowVersion === current ? "" : `version ${workflowVersion}`;
  return [label, formatDateTime(queuedAt), formatDuration(durationMs), version].filter(Boolean).join(" · ");
}

/** Says what is true of the feed. */
function LiveIndicator() {
  const link = useConnection((connection) => connection.live);
  const lost = link === "reconnecting";
  return (
    <span role="status" className={lost ? styles.lost : styles.live}>
      <Radio aria-hidden size={14} />
      {lost ? "Reconnecting" : link === "connected" ? "Live" : "Connecting"}
    </span>
  );
}

interface VersionPickerProps {
  readonly workflow: CanvasWorkflow;
  readonly version: number;
  readonly onVersion: (version: number) => void;
}

function VersionPicker({ workflow, version, onVersion }: VersionPickerProps) {
  const versions = useVersions(workflow);
  const items: MenuItem[] = (versions ?? []).map((entry) => ({
    id: String(entry.version),
    label: `Version ${entry.version}${entry.version === workflow.version ? ", current" : ""} · ${formatDateTime(entry.createdAt)}`,
    checked: entry.version === version,
    onSelect: () => onVersion(entry.version),
  }));
  return (
    <Menu label="Versions" groups={[items]}>
      <Button icon={History} variant="ghost">
        Version {version}
        {version === workflow.version ? "" : ` of ${workflow.version}`}
        <ChevronDown aria-hidden size={14} />
      </Button>
    </Menu>
  );
}
