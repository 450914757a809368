import { EmptyState } from "@/ui";

/** The runs of the workflow. */
export function ExecutionTab() {
  return <EmptyState title="No run is selected" />;
}
