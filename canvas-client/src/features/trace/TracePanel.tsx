import { useEffect, useRef, useState } from "react";

import { useWorkflowRoute } from "@/app";

import { openTrace, type OpenTrace } from "./api/openTrace";
import { TraceLayout } from "./TraceLayout";
import { createTraceStore, TraceProvider } from "./store";
import { keepFolds, readKeptFolds } from "./store/keptFolds";
import { EVERYTHING } from "./model/expansion";
import { readTraceParams } from "./url";
import { useTraceUrl } from "./useTraceUrl";
import { useOpening } from "./useOpening";

/** One execution's trace: reads it, follows it, and shows it. */
export function TracePanel({ executionId }: { readonly executionId: string }) {
  const { params, spanId } = useWorkflowRoute();
  const [store] = useState(() => {
    const linked = readTraceParams(params);
    return createTraceStore(executionId, {
      ...linked,
      // Times in the address count from the start of the trace, which is not known yet.
      zoom: null,
      selectedId: spanId,
      expansion: linked.expansion === EVERYTHING ? readKeptFolds(executionId) : linked.expansion,
    });
  });
  const trace = useRef<OpenTrace | null>(null);

  useEffect(() => {
    const opened = openTrace(store);
    const letGo = keepFolds(store);
    trace.current = opened;
    return () => {
      opened.close();
      letGo();
    };
  }, [store]);

  useOpening(store, params);
  useTraceUrl(store);

  return (
    <TraceProvider store={store}>
      <TraceLayout onRetry={() => trace.current?.retry()} />
    </TraceProvider>
  );
}
