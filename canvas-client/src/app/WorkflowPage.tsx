import { Suspense } from "react";
import { useParams } from "react-router";
import { useQuery } from "urql";

import { describeError, graphql } from "@/graphql";
import { ErrorState, Skeleton } from "@/ui";

import { ErrorBoundary } from "./ErrorBoundary";
import { NotFoundPage } from "./NotFoundPage";
import { WorkflowTabs } from "./WorkflowTabs";
import { usePlace } from "./breadcrumbs";
import { WORKFLOW_PANELS } from "./workflowPanels";
import { WORKFLOW_TABS, WorkflowRoutePathContext, workflowPath } from "./workflowRoute";
import type { WorkflowTab } from "./workflowRoute";

const WorkflowFrameDocument = graphql(`
  query WorkflowFrame($workflowId: String!) {
    workflow(workflowId: $workflowId) {
      id
      workflowId
      name
      external
    }
  }
`);

const isTab = (tab: string | undefined): tab is WorkflowTab => WORKFLOW_TABS.some((known) => known === tab);

/** A workflow with its tabs Canvas, Execution and Trace. */
export function WorkflowPage() {
  const { workflowId = "", tab } = useParams();
  const [{ data, error }, readAgain] = useQuery({ query: WorkflowFrameDocument, variables: { workflowId } });
  usePlace(
    { label: "Workflows", to: "/workflows" },
    { label: data?.workflow?.name ?? workflowId, to: workflowPath(workflowId, "canvas") },
  );

  if (!isTab(tab)) return <NotFoundPage />;
  if (data && !data.workflow) {
    return (
      <NotFoundPage title="There is no such workflow">
        Nothing is known of a workflow <code>{workflowId}</code>. It may not have been saved on this server yet.
      </NotFoundPage>
    );
  }
  if (error && !data) {
    return (
      <ErrorState title="The workflow cannot be shown" onRetry={() => readAgain({ requestPolicy: "network-only" })}>
        {describeError(error)}
      </ErrorState>
    );
  }

  const { Part: Panel } = WORKFLOW_PANELS[tab];
  return (
    <WorkflowRoutePathContext value={{ workflowId, tab }}>
      <WorkflowTabs canRun={data?.workflow?.external === false}>
        <ErrorBoundary resetKey={`${workflowId} ${tab}`}>
          <Suspense fallback={<Skeleton />}>
            <Panel key={workflowId} />
          </Suspense>
        </ErrorBoundary>
      </WorkflowTabs>
    </WorkflowRoutePathContext>
  );
}
