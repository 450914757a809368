import { useMemo } from "react";

import { useTrace } from "../../store";
import type { ArtifactSummary } from "../../store";
import type { SpanFacts } from "./spanDetails";

/** The files of a span: those read with it, and those that came over the live connection since. Oldest first. */
export function useSpanArtifacts(spanId: string, facts: SpanFacts | null): readonly ArtifactSummary[] {
  const known = useTrace((state) => state.artifacts);
  return useMemo(() => {
    const byId = new Map<string, ArtifactSummary>();
    for (const artifact of facts?.artifacts ?? []) {
      byId.set(artifact.artifactId, { ...artifact, spanId });
    }
    for (const artifact of known.values()) if (artifact.spanId === spanId) byId.set(artifact.artifactId, artifact);
    return [...byId.values()].sort((left, right) => (left.artifactId < right.artifactId ? -1 : 1));
  }, [known, facts, spanId]);
}
