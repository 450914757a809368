import { Suspense } from "react";

import { SplitPane } from "@/ui";

import { SpanDetails } from "./SpanDetails";
import { useTrace } from "./store";
import { VIEWS } from "./views";

export function TraceLayout({ onRetry }: { readonly onRetry: () => void }) {
  const view = useTrace((state) => state.view);
  const size = useTrace((state) => (state.version >= 0 ? state.tree.size : 0));
  const View = VIEWS[view];
  return (
    <SplitPane
      id="trace.details"
      label="Details width"
      sized="end"
      defaultSize={440}
      min={360}
      start={<Suspense>{View ? <View /> : <button onClick={onRetry}>{size} spans</button>}</Suspense>}
      end={<SpanDetails />}
    />
  );
}
