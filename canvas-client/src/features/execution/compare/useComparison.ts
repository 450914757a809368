import { useMemo } from "react";
import { useQuery } from "urql";

import { describeError, useExecutionUpdates } from "@/graphql";
import { useThrottled } from "@/ui";

import { isUnfinished } from "../model/elapsed";
import { alignRuns, sameValue } from "./alignRuns";
import type { StepPair } from "./alignRuns";
import { ComparedOutputsDocument, ComparedRunDocument } from "./documents";

/** The most that the API gives in one page. */
export const MOST_SPANS = 10_000;
/** Outputs of more spans are not read: they may be large, and all of them are needed. */
export const MOST_OUTPUTS = 1_000;
const READ_AGAIN_MS = 1_000;

export type OutputChange = "same" | "changed" | "unknown";

function useRun(executionId: string) {
  const [{ data, error }, execute] = useQuery({
    query: ComparedRunDocument,
    variables: { executionId, first: MOST_SPANS },
    requestPolicy: "cache-and-network",
  });
  return { run: data?.execution, missing: data !== undefined && !data.execution, error, execute };
}

/** Null until they are read. */
function useOutputs(executionId: string, pause: boolean): ReadonlyMap<string, unknown> | null {
  const [{ data }] = useQuery({
    query: ComparedOutputsDocument,
    variables: { executionId, first: MOST_OUTPUTS },
    pause,
  });
  return useMemo(() => {
    const spans = data?.execution?.spans.nodes;
    return pause || spans === undefined ? null : new Map(spans.map(({ spanId, output }) => [spanId, output]));
  }, [data, pause]);
}

/** Two runs step by step, read again while they change. */
export function useComparison(workflowId: string | null, executionIds: readonly [string, string]) {
  const [first, second] = [useRun(executionIds[0]), useRun(executionIds[1])];
  const runs = first.run && second.run ? ([first.run, second.run] as const) : null;
  const readAgain = () => {
    for (const { execute } of [first, second]) execute({ requestPolicy: "network-only" });
  };
  const readAgainSoon = useThrottled(readAgain, READ_AGAIN_MS);
  useExecutionUpdates(workflowId, {
    onUpdate: ({ executionId }) => {
      if (runs?.some((run) => run.executionId === executionId)) readAgainSoon();
    },
    onGap: readAgain,
  });

  const leftOut =
    runs === null
      ? null
      : runs.some(({ spanCount }) => spanCount > MOST_OUTPUTS)
        ? ("large" as const)
        : runs.some((run) => isUnfinished(run))
          ? ("unfinished" as const)
          : null;
  const withoutOutputs = runs === null || leftOut !== null;
  const [a, b] = [useOutputs(executionIds[0], withoutOutputs), useOutputs(executionIds[1], withoutOutputs)];
  const spans = [first.run?.spans.nodes, second.run?.spans.nodes] as const;
  const pairs = useMemo(
    () => (spans[0] && spans[1] ? alignRuns(spans[0], spans[1]) : []),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the pair is new each time, its parts are not
    [spans[0], spans[1]],
  );
  const changes = useMemo(() => new Map(pairs.map((pair) => [pair.key, changeOf(pair, a, b)])), [pairs, a, b]);
  const error = first.error ?? second.error;
  return {
    runs,
    pairs,
    changes,
    /** Why no outputs are compared. */
    outputsLeftOut: leftOut,
    isCut: runs?.some((run) => run.spans.pageInfo.hasNextPage) ?? false,
    missing: first.missing ? ("a" as const) : second.missing ? ("b" as const) : null,
    error: error ? describeError(error) : null,
    readAgain,
  };
}

function changeOf(
  { a, b }: StepPair,
  outputsA: ReadonlyMap<string, unknown> | null,
  outputsB: ReadonlyMap<string, unknown> | null,
): OutputChange {
  if (a === null || b === null || outputsA === null || outputsB === null) return "unknown";
  return sameValue(outputsA.get(a.span.spanId), outputsB.get(b.span.spanId)) ? "same" : "changed";
}
