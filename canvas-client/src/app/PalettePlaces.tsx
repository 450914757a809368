import { Command } from "cmdk";
import { ListTree, Workflow } from "lucide-react";
import { useDeferredValue } from "react";
import { useQuery } from "urql";

import { graphql } from "@/graphql";
import { StatusPill, formatAgo, formatDuration, statusOfExecution } from "@/ui";

import styles from "./CommandPalette.module.css";
import { tracePath, workflowPath } from "./workflowRoute";

const PalettePlacesDocument = graphql(`
  query PalettePlaces($search: String) {
    workflows(first: 8, search: $search) {
      nodes {
        id
        workflowId
        name
      }
    }
    executions(first: 6) {
      nodes {
        id
        executionId
        traceId
        status
        durationMs
        queuedAt
        workflow {
          id
          workflowId
          name
        }
      }
    }
  }
`);

const ExecutionByAnyIdDocument = graphql(`
  query ExecutionByAnyId($id: ID!, $traceId: String!, $isTraceId: Boolean!) {
    execution(executionId: $id) @skip(if: $isTraceId) {
      id
      executionId
      traceId
      workflow {
        id
        workflowId
      }
    }
    executionByTraceId(traceId: $traceId) @include(if: $isTraceId) {
      id
      executionId
      traceId
      workflow {
        id
        workflowId
      }
    }
  }
`);

const TRACE_ID = /^[0-9a-f]{32}$/;
const EXECUTION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface PalettePlacesProps {
  readonly search: string;
  readonly goTo: (path: string) => void;
}

/** Workflows by name, the newest runs, and any run by one of its ids. */
export function PalettePlaces({ search, goTo }: PalettePlacesProps) {
  const typed = useDeferredValue(search.trim());
  const id = typed.toLowerCase();
  const isTraceId = TRACE_ID.test(id);
  const isId = isTraceId || EXECUTION_ID.test(id);
  const [{ data }] = useQuery({
    query: PalettePlacesDocument,
    variables: { search: isId ? "" : typed },
    requestPolicy: "cache-and-network",
  });
  const [{ data: found }] = useQuery({
    query: ExecutionByAnyIdDocument,
    variables: { id, traceId: isTraceId ? id : "", isTraceId },
    pause: !isId,
  });
  const byId = isId ? (found?.execution ?? found?.executionByTraceId) : null;

  return (
    <>
      {byId && (
        <Command.Group heading="By id" className={styles.group} forceMount>
          <Command.Item
            forceMount
            value={id}
            className={styles.item}
            onSelect={() => goTo(tracePath({ ...byId, workflowId: byId.workflow?.workflowId ?? null }))}
          >
            <ListTree aria-hidden size={14} />
            <span className={styles.label}>Open the trace of run {byId.executionId}</span>
          </Command.Item>
        </Command.Group>
      )}
      <Command.Group heading="Workflows" className={styles.group}>
        {data?.workflows.nodes.map(({ workflowId, name }) => (
          <Command.Item
            key={workflowId}
            value={`workflow ${workflowId}`}
            keywords={[name]}
            className={styles.item}
            onSelect={() => goTo(workflowPath(workflowId, "canvas"))}
          >
            <Workflow aria-hidden size={14} />
            <span className={styles.label}>{name}</span>
            <span className={styles.hint}>{workflowId}</span>
          </Command.Item>
        ))}
      </Command.Group>
      <Command.Group heading="Latest runs" className={styles.group}>
        {data?.executions.nodes.map(({ executionId, traceId, status, durationMs, queuedAt, workflow }) => (
          <Command.Item
            key={executionId}
            value={`run ${executionId}`}
            keywords={[workflow?.name ?? "", status]}
            className={styles.item}
            onSelect={() => goTo(tracePath({ executionId, traceId, workflowId: workflow?.workflowId ?? null }))}
          >
            <StatusPill status={statusOfExecution(status)} compact />
            <span className={styles.label}>{workflow?.name ?? `Trace ${traceId.slice(0, 8)}`}</span>
            <span className={styles.hint}>
              {[formatDuration(durationMs), formatAgo(queuedAt)].filter(Boolean).join(", ")}
            </span>
          </Command.Item>
        ))}
      </Command.Group>
    </>
  );
}
