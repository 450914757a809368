import type { ReactElement } from "react";

import { WorkflowRoutePathContext } from "@/app/workflowRoute";
import { renderAt } from "@/testing/renderApp";

import { applySpans } from "../model/applySpans";
import type { SpanRecord } from "../model/span";
import { TraceProvider, createTraceStore } from "../store";
import type { Interaction } from "../store";

/** Renders a part of the Trace tab over a trace of these spans. */
export function renderTrace(ui: ReactElement, spans: readonly SpanRecord[], chosen: Partial<Interaction> = {}) {
  // Details are remembered by execution, so each test has one of its own.
  executions += 1;
  const store = createTraceStore(`execution-${executions}`, chosen);
  const add = (records: readonly SpanRecord[]) => {
    const { tree } = store.getState();
    applySpans(tree, records);
    store.setState({ version: tree.version });
  };
  add(spans);
  store.setState({ load: { phase: "loaded" } });
  const view = renderAt(
    "/workflows/w/trace",
    <WorkflowRoutePathContext value={{ workflowId: "w", tab: "trace" }}>
      <TraceProvider store={store}>{ui}</TraceProvider>
    </WorkflowRoutePathContext>,
  );
  return { ...view, store, add };
}

let executions = 0;

const NO_USAGE = {
  input: 0,
  output: 0,
  total: 0,
  cacheRead: 0,
  cacheWrite: 0,
  reasoning: 0,
  costUsd: null,
  unpriced: 0,
};

/** An answer to `SpanFacts`: only what a test is about needs to be said. */
export const factsAnswer = (more: object = {}) => ({
  execution: {
    span: {
      id: "global",
      spanId: "a",
      traceId: "t".repeat(32),
      parentSpanId: null,
      revision: 1,
      name: "a",
      displayName: "a",
      kind: "INTERNAL",
      category: "NODE",
      state: "ENDED",
      status: { code: "OK", message: null },
      nodeId: null,
      nodeType: null,
      attempt: null,
      iteration: null,
      startTime: "2026-01-31T12:00:00.000Z",
      endTime: "2026-01-31T12:00:00.005Z",
      durationMs: 5,
      startOffsetMs: 0,
      childCount: 0,
      attributes: {},
      events: [],
      links: [],
      tokenUsage: NO_USAGE,
      subtreeTokenUsage: NO_USAGE,
      artifacts: [],
      ...more,
    },
  },
});

export const payloadAnswer = (input: unknown, output: unknown, revision = 1) => ({
  execution: { span: { revision, input, output } },
});
