import { Suspense } from "react";
import { Navigate, useParams, useSearchParams } from "react-router";
import { useQuery } from "urql";

import { describeError, graphql } from "@/graphql";
import { ErrorState, Skeleton } from "@/ui";

import { NotFoundPage } from "./NotFoundPage";
import { usePlace } from "./breadcrumbs";
import { WORKFLOW_PANELS } from "./workflowPanels";
import { WorkflowRoutePathContext, workflowPath } from "./workflowRoute";

const { Part: TraceTab } = WORKFLOW_PANELS.trace;

const ExecutionOfTraceDocument = graphql(`
  query ExecutionOfTrace($traceId: String!) {
    executionByTraceId(traceId: $traceId) {
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

const TRACE_ID = /^[0-9a-f]{32}$/i;

/** Finds the execution of a trace. One with a workflow is shown on the workflow's page, any other one here. */
export function TracePage() {
  const { traceId = "" } = useParams();
  const [params] = useSearchParams();
  const isTraceId = TRACE_ID.test(traceId);
  const [{ data, error }, readAgain] = useQuery({
    query: ExecutionOfTraceDocument,
    variables: { traceId: traceId.toLowerCase() },
    pause: !isTraceId,
    requestPolicy: "cache-and-network",
  });
  usePlace({ label: "Workflows", to: "/workflows" }, { label: `Trace ${traceId.slice(0, 8)}` });

  if (!isTraceId) {
    return (
      <NotFoundPage title="This is no trace id">
        A trace id has 32 hexadecimal digits; the address has <code>{traceId}</code>.
      </NotFoundPage>
    );
  }
  if (error && !data) {
    return (
      <ErrorState title="The trace cannot be shown" onRetry={() => readAgain({ requestPolicy: "network-only" })}>
        {describeError(error)}
      </ErrorState>
    );
  }
  if (!data) return <Skeleton />;
  const execution = data.executionByTraceId;
  if (!execution) {
    return (
      <NotFoundPage title="There is no such trace">
        Nothing is known of <code>{traceId}</code>. It may have been deleted, or its first span has not arrived yet.
      </NotFoundPage>
    );
  }
  const { executionId, workflow } = execution;
  if (workflow) {
    const query = new URLSearchParams(params);
    query.set("execution", executionId);
    return <Navigate replace to={workflowPath(workflow.workflowId, "trace", `?${query.toString()}`)} />;
  }
  return (
    <WorkflowRoutePathContext value={{ workflowId: null, tab: "trace", executionId }}>
      <Suspense fallback={<Skeleton />}>
        <TraceTab />
      </Suspense>
    </WorkflowRoutePathContext>
  );
}
