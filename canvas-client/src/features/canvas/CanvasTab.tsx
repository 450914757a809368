import { useQuery } from "urql";

import { useWorkflowRoute } from "@/app";
import { describeError } from "@/graphql";
import { EmptyState, ErrorState, Skeleton } from "@/ui";

import { Canvas } from "./Canvas";
import { CanvasWorkflowDocument } from "./api/documents";

/** The workflow: as a graph that shows how it runs, and as the text that defines it. */
export function CanvasTab() {
  const { workflowId } = useWorkflowRoute();
  const [{ data, error }, readAgain] = useQuery({
    query: CanvasWorkflowDocument,
    variables: { workflowId: workflowId ?? "" },
    pause: workflowId === null,
    requestPolicy: "cache-and-network",
  });

  if (data?.workflow) return <Canvas workflow={data.workflow} />;
  if (error) {
    return (
      <ErrorState title="The workflow cannot be shown" onRetry={() => readAgain({ requestPolicy: "network-only" })}>
        {describeError(error)}
      </ErrorState>
    );
  }
  if (!data) return <Skeleton label="Loading the workflow" />;
  return <EmptyState title="There is no such workflow">It may not have been saved on this server yet.</EmptyState>;
}
