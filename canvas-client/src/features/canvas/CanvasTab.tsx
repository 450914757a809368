import { useQuery } from "urql";

import { useWorkflowRoute } from "@/app";
import { graphql } from "@/graphql";
import { Skeleton } from "@/ui";

const WorkflowSourceDocument = graphql(`
  query WorkflowSource($workflowId: String!) {
    workflow(workflowId: $workflowId) {
      id
      source
    }
  }
`);

/** The workflow's definition. */
export function CanvasTab() {
  const { workflowId } = useWorkflowRoute();
  const [{ data }] = useQuery({
    query: WorkflowSourceDocument,
    variables: { workflowId: workflowId ?? "" },
    pause: workflowId === null,
  });
  return data ? <pre>{data.workflow?.source}</pre> : <Skeleton />;
}
