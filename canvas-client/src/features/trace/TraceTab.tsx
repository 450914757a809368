import { useQuery } from "urql";

import { useWorkflowRoute } from "@/app";
import { graphql } from "@/graphql";
import { EmptyState, Skeleton, formatDuration } from "@/ui";

const TraceRowsDocument = graphql(`
  query TraceRows($executionId: ID!) {
    execution(executionId: $executionId) {
      id
      spans(first: 500) {
        nodes {
          id
          spanId
          displayName
          durationMs
        }
      }
    }
  }
`);

/** The spans of the execution. */
export function TraceTab() {
  const { executionId } = useWorkflowRoute();
  const [{ data }] = useQuery({
    query: TraceRowsDocument,
    variables: { executionId: executionId ?? "" },
    pause: executionId === null,
  });
  if (executionId === null)
    return <EmptyState title="No execution is selected">Start one, or choose one on the Execution tab.</EmptyState>;
  if (!data) return <Skeleton />;
  return (
    <ul>
      {data.execution?.spans.nodes.map(({ spanId, displayName, durationMs }) => (
        <li key={spanId} data-span-id={spanId}>
          {displayName} {formatDuration(durationMs)}
        </li>
      ))}
    </ul>
  );
}
