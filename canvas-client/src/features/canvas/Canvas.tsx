import { Suspense, lazy, useCallback, useMemo } from "react";

import { useWorkflowRoute } from "@/app";
import { Skeleton } from "@/ui";

import styles from "./Canvas.module.css";
import { CanvasNotice } from "./CanvasNotice";
import { CanvasToolbar } from "./CanvasToolbar";
import { GraphFace } from "./GraphFace";
import type { CanvasWorkflow } from "./api/useDefinition";
import { useDefinition } from "./api/useDefinition";
import { useExecution } from "./api/useExecution";
import { useRuns } from "./api/useRuns";
import { leaveRun, readFace, readVersion, writeFace } from "./model/canvasParams";
import type { CanvasFace } from "./model/canvasParams";
import type { RunOfGraph } from "./model/nodeStates";

const DefinitionFace = lazy(() => import("./definition").then(({ DefinitionFace }) => ({ default: DefinitionFace })));

/** Puts the run that is shown, the version that it ran, and the two faces of the workflow together. */
export function Canvas({ workflow }: { readonly workflow: CanvasWorkflow }) {
  const route = useWorkflowRoute();
  const { params, setParams } = route;
  const runs = useRuns(workflow.workflowId);
  const wanted = readVersion(params) ?? workflow.version;
  // Unless the address names one, it is the newest run of what is shown.
  const newest = runs?.find(({ workflowVersion }) => workflow.external || workflowVersion === wanted);
  const executionId = route.executionId ?? newest?.executionId ?? null;
  const state = useExecution(executionId);
  const isOurs = state.execution?.workflow?.workflowId === workflow.workflowId;
  const execution = isOurs ? state.execution : null;
  const face = workflow.external ? "graph" : readFace(params);
  const ran = route.executionId === null || face === "definition" ? null : execution?.workflowVersion;
  const version = ran ?? wanted;
  const { definition, missing } = useDefinition(workflow, version);

  const setFace = useCallback((next: CanvasFace) => setParams((all) => writeFace(all, next)), [setParams]);
  const setVersion = useCallback(
    (next: number) =>
      setParams((all) => {
        leaveRun(all);
        if (next === workflow.version) all.delete("version");
        else all.set("version", String(next));
      }),
    [setParams, workflow.version],
  );

  const run = useMemo<RunOfGraph | null>(
    () =>
      execution && {
        status: execution.status,
        runs: new Map(execution.nodes.map((node) => [node.nodeId, node])),
      },
    [execution],
  );

  return (
    <div className={styles.canvas}>
      <CanvasToolbar
        workflow={workflow}
        version={version}
        face={face}
        onFace={setFace}
        runs={runs}
        execution={execution}
        live={state.live}
        onVersion={setVersion}
      />
      <CanvasNotice
        workflow={workflow}
        version={version}
        versionMissing={missing}
        state={state}
        isOurs={isOurs}
        onVersion={setVersion}
      />
      {face === "graph" ? (
        <GraphFace workflow={workflow} definition={definition} execution={execution} run={run} />
      ) : (
        <Suspense fallback={<Skeleton label="Loading the definition" />}>
          <DefinitionFace workflow={workflow} definition={definition} />
        </Suspense>
      )}
    </div>
  );
}
