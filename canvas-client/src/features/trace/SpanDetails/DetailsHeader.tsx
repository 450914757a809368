import { Fingerprint, Link, Workflow } from "lucide-react";
import type { ReactNode } from "react";

import { tracePath, useWorkflowRoute } from "@/app";
import {
  CATEGORIES,
  CategoryIcon,
  CopyButton,
  IconButton,
  StatusPill,
  categoryOfSpan,
  formatDuration,
  formatDurationExact,
  statusOfSpan,
} from "@/ui";

import type { SpanRecord } from "../model/span";
import { useNow, useTrace } from "../store";
import type { SpanFacts } from "./api/spanDetails";
import styles from "./DetailsHeader.module.css";

interface DetailsHeaderProps {
  /** As the tree knows it, which is there at once. */
  readonly span: SpanRecord | SpanFacts;
  readonly facts?: SpanFacts;
  readonly actions: ReactNode;
}

/** What the span is, how it went, and where to take it. */
export function DetailsHeader({ span, facts, actions }: DetailsHeaderProps) {
  const { workflowId, setTab } = useWorkflowRoute();
  const execution = useTrace((state) => state.execution);
  const executionId = useTrace((state) => state.executionId);
  const category = categoryOfSpan(span.category, span.nodeType);
  const statusCode = "status" in span ? span.status.code : span.statusCode;

  const link = () => {
    const traceId = facts?.traceId ?? execution?.traceId ?? "";
    return location.origin + tracePath({ workflowId, executionId, traceId, spanId: span.spanId });
  };

  return (
    <header className={styles.header}>
      <span className={styles.icon}>
        <CategoryIcon category={category} tinted />
      </span>
      <h2 className={styles.name} title={span.name === span.displayName ? undefined : span.name}>
        {span.displayName}
      </h2>
      <div className={styles.actions}>
        <CopyButton label="Copy a link to this span" icon={Link} text={link} />
        <CopyButton label="Copy the span id" icon={Fingerprint} text={span.spanId} />
        {workflowId !== null && span.nodeId && (
          <IconButton
            label="Open the node in the workflow"
            icon={Workflow}
            size={14}
            onClick={() => setTab("canvas")}
          />
        )}
        {actions}
      </div>
      <p className={styles.facts}>
        <StatusPill status={statusOfSpan(span.state, statusCode)} />
        <Duration span={span} />
        {facts && (
          <span
            className={styles.fact}
            title={`${formatDurationExact(facts.startOffsetMs)} after the start of the trace`}
          >
            at +{formatDuration(facts.startOffsetMs)}
          </span>
        )}
        <span className={styles.fact}>{CATEGORIES[category].label}</span>
      </p>
    </header>
  );
}

function Duration({ span }: { readonly span: SpanRecord | SpanFacts }) {
  if (span.state === "RUNNING")
    return <span className={styles.fact}>{"startMs" in span && <Elapsed span={span} />}</span>;
  if (span.durationMs == null) return null;
  return (
    <span className={styles.fact} title={formatDurationExact(span.durationMs)}>
      {formatDuration(span.durationMs)}
    </span>
  );
}

function Elapsed({ span }: { readonly span: SpanRecord }) {
  const now = useNow();
  return formatDuration(Math.max(0, now - span.startMs));
}
