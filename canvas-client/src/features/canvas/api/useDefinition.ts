import { useQuery } from "urql";

import type { CanvasWorkflowQuery } from "@/graphql";

import { CanvasVersionDocument, CanvasVersionsDocument } from "./documents";

export type CanvasWorkflow = NonNullable<CanvasWorkflowQuery["workflow"]>;

export interface Definition {
  readonly version: number;
  readonly definition: unknown;
  readonly source: string;
  readonly createdAt: string;
}

export interface VersionEntry {
  readonly version: number;
  readonly name: string;
  readonly createdAt: string;
}

/** The versions of a workflow, newest first; null until they are known. */
export function useVersions(workflow: CanvasWorkflow, pause = false): readonly VersionEntry[] | null {
  const [{ data }] = useQuery({
    query: CanvasVersionsDocument,
    variables: { workflowId: workflow.workflowId },
    pause: pause || workflow.external,
  });
  return data?.workflow?.versions.edges.map(({ node }) => node) ?? null;
}

/** The definition of a version; null while it is read, and when there is none. */
export function useDefinition(
  workflow: CanvasWorkflow,
  version: number,
): { readonly definition: Definition | null; readonly missing: boolean } {
  const isCurrent = version === workflow.version;
  const { workflowId } = workflow;
  const [{ data: all }] = useQuery({
    query: CanvasVersionsDocument,
    variables: { workflowId },
    pause: isCurrent || workflow.external,
  });
  const edges = all?.workflow?.versions.edges;
  const place = edges?.findIndex(({ node }) => node.version === version) ?? -1;
  const after = place > 0 ? (edges?.[place - 1]?.cursor ?? null) : null;
  const [{ data }] = useQuery({
    query: CanvasVersionDocument,
    variables: { workflowId, after },
    pause: isCurrent || place < 0,
  });

  if (isCurrent) {
    const { definition, source, updatedAt } = workflow;
    return { definition: { version, definition, source, createdAt: updatedAt }, missing: false };
  }
  const found = data?.workflow?.versions.nodes[0];
  if (found?.version === version) return { definition: found, missing: false };
  return { definition: null, missing: edges !== undefined && place < 0 };
}
