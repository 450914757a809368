import { Link } from "react-router";
import { useQuery } from "urql";

import { workflowPath } from "@/app";
import { usePlace } from "@/app/breadcrumbs";
import { graphql } from "@/graphql";
import { Skeleton } from "@/ui";

const WorkflowsDocument = graphql(`
  query Workflows {
    workflows {
      nodes {
        id
        workflowId
        name
      }
    }
  }
`);

/** The workflows. */
export function WorkflowsPage() {
  usePlace({ label: "Workflows" });
  const [{ data }] = useQuery({ query: WorkflowsDocument });
  if (!data) return <Skeleton />;
  return (
    <ul>
      {data.workflows.nodes.map(({ workflowId, name }) => (
        <li key={workflowId}>
          <Link to={workflowPath(workflowId, "canvas")}>{name}</Link>
        </li>
      ))}
    </ul>
  );
}
