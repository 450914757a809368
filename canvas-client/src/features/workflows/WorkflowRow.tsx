import { CircleX, Play } from "lucide-react";
import { Link } from "react-router";

import { startRun, workflowPath } from "@/app";
import { IconButton, Tooltip, formatCost, formatCount, formatDuration, formatDurationExact, formatTokens } from "@/ui";

import { RunStrip } from "./RunStrip";
import styles from "./WorkflowTable.module.css";
import type { WorkflowRowData } from "./api/documents";

interface WorkflowRowProps {
  readonly workflow: WorkflowRowData;
  /** Whether the table has a column for it. */
  readonly hasCost: boolean;
}

export function WorkflowRow({ workflow, hasCost }: WorkflowRowProps) {
  const { workflowId, name, external, recentExecutions, stats } = workflow;
  const { executions, failed, meanDurationMs, tokenUsage } = stats;
  const latest = recentExecutions[0];
  return (
    <tr className={styles.row}>
      <th scope="row" className={styles.name}>
        <Link
          to={workflowPath(workflowId, "canvas", latest && `?execution=${latest.executionId}`)}
          className={styles.link}
        >
          {name}
        </Link>
        {workflowId !== name && <span className={styles.id}>{workflowId}</span>}
        {external && <span className={styles.external}>another engine</span>}
      </th>
      <td className={styles.runs}>
        <RunStrip workflowId={workflowId} name={name} runs={recentExecutions} />
      </td>
      <td className={styles.number} data-column="optional">
        {executions > 0 && formatCount(executions)}
      </td>
      <td className={styles.number} data-column="optional">
        {failed > 0 && (
          <span className={styles.failed}>
            <CircleX aria-hidden size={12} />
            {formatCount(failed)}
          </span>
        )}
      </td>
      <td className={styles.number} data-column="optional" title={formatDurationExact(meanDurationMs)}>
        {formatDuration(meanDurationMs)}
      </td>
      <td className={styles.number} data-column="wide">
        {tokenUsage.total > 0 && (
          <Tooltip text={`${formatCount(tokenUsage.input)} in, ${formatCount(tokenUsage.output)} out`}>
            <span>{formatTokens(tokenUsage.total)}</span>
          </Tooltip>
        )}
      </td>
      {hasCost && (
        <td className={styles.number} data-column="wide">
          {formatCost(tokenUsage.costUsd)}
        </td>
      )}
      <td className={styles.action}>
        {!external && <IconButton label={`Run ${name}`} icon={Play} onClick={() => startRun(workflowId)} />}
      </td>
    </tr>
  );
}
