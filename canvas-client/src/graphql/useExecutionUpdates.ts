import { useEffect, useEffectEvent } from "react";

import { follow } from "./client";
import { useOnRecovery } from "./connection";
import { graphql } from "./generated";
import type { ExecutionUpdatesSubscription } from "./generated/graphql";

const ExecutionUpdatesDocument = graphql(`
  subscription ExecutionUpdates($workflowId: String) {
    executionUpdates(workflowId: $workflowId) {
      kind
      executionId
      execution {
        ...ExecutionRow
      }
    }
  }
`);

/** What every list of executions shows of one. */
export const ExecutionRowFragment = graphql(`
  fragment ExecutionRow on Execution {
    id
    executionId
    externalId
    traceId
    status
    queuedAt
    startedAt
    finishedAt
    durationMs
    spanCount
    errorCount
    workflowVersion
    tokenUsage {
      input
      output
      total
      costUsd
      unpriced
    }
    error {
      code
      message
      nodeId
    }
    workflow {
      id
      workflowId
      name
    }
  }
`);

export type ExecutionUpdate = ExecutionUpdatesSubscription["executionUpdates"];

const AGAIN_AFTER_MS = 1_000;

interface ExecutionUpdates {
  readonly onUpdate: (update: ExecutionUpdate) => void;
  /** Updates may have been missed: what is shown has to be read again. */
  readonly onGap: () => void;
}

/** Follows the executions of one workflow, or of all, while the caller is mounted. */
export function useExecutionUpdates(workflowId: string | null, { onUpdate, onGap }: ExecutionUpdates): void {
  const tell = useEffectEvent(onUpdate);
  const tellGap = useEffectEvent(onGap);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop: () => void = () => undefined;
    const again = () => {
      timer = setTimeout(() => {
        start();
        tellGap();
      }, AGAIN_AFTER_MS);
    };
    const start = () => {
      stop = follow(ExecutionUpdatesDocument, {
        variables: () => ({ workflowId }),
        next: ({ executionUpdates }) => tell(executionUpdates),
        // A feed that fell behind is interrupted by the server.
        error: again,
        complete: again,
      });
    };
    start();
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [workflowId]);

  useOnRecovery(onGap);
}
