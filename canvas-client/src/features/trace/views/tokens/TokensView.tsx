import { Coins } from "lucide-react";
import { lazy, Suspense, useMemo } from "react";

import { EmptyState, ErrorState, Segmented, Skeleton, cx, formatCostSum, formatCount, usePreference } from "@/ui";

import { boundsOf, useNow, useSpans, useTrace, useTraceStore } from "../../store";
import { useCalm } from "../useCalm";
import { useOpenSpan } from "../useOpenSpan";
import view from "../View.module.css";
import { CallsTable } from "./CallsTable";
import styles from "./TokensView.module.css";
import { UsageTable } from "./UsageTable";
import { usageOverTime } from "./usageOverTime";
import { useTraceUsage, type TraceUsage } from "./useTraceUsage";

const UsagePlot = lazy(() => import("./UsagePlot"));

const WAYS = [
  { id: "node", label: "By node" },
  { id: "model", label: "By model" },
  { id: "time", label: "Over time" },
  { id: "calls", label: "Calls" },
] as const;

type Way = (typeof WAYS)[number]["id"];

/** What the trace used in tokens and money, and where. */
export default function TokensView() {
  const [chosen, setWay] = usePreference<Way | "">("trace.tokens", "");
  const { usage, error, readAgain } = useTraceUsage();
  if (usage === null) {
    if (error === null) return <Skeleton label="Loading the usage" />;
    return (
      <ErrorState title="The usage cannot be shown" onRetry={readAgain}>
        {error}
      </ErrorState>
    );
  }
  if (usage.tokenUsage.total === 0 && !usage.tokenUsage.costUsd) return <NoUsage />;
  // Spans of other engines have no nodes.
  const way = chosen || (usage.tokenUsageByNode.some(({ nodeId }) => nodeId) ? "node" : "model");
  return (
    <section aria-label="Tokens and cost" className={view.view}>
      <div className={view.bar}>
        <Segmented label="Show tokens" items={WAYS} value={way} onChange={setWay} />
        <Sums usage={usage} />
      </div>
      <div className={styles.body}>
        {way === "node" || way === "model" ? <UsageTable usage={usage} by={way} /> : <Calls way={way} />}
      </div>
    </section>
  );
}

function Sums({ usage: { tokenUsage } }: { readonly usage: TraceUsage }) {
  return (
    <p className={cx(view.note, styles.sums)}>
      <span className={styles.sum}>
        <span aria-hidden className={cx(styles.key, styles.input)} />
        <span>
          <span className={styles.number}>{formatCount(tokenUsage.input)}</span> tokens in
        </span>
      </span>
      <span className={styles.sum}>
        <span aria-hidden className={cx(styles.key, styles.output)} />
        <span>
          <span className={styles.number}>{formatCount(tokenUsage.output)}</span> tokens out
        </span>
      </span>
      {tokenUsage.costUsd ? (
        <span className={styles.sum}>
          <span>
            <span className={styles.number}>{formatCostSum(tokenUsage)}</span> cost
          </span>
        </span>
      ) : null}
      {tokenUsage.unpriced > 0 && (
        <span className={styles.sum}>
          <span>
            <span className={styles.number}>{formatCount(tokenUsage.unpriced)}</span> tokens of models without a price
          </span>
        </span>
      )}
    </p>
  );
}

function Calls({ way }: { readonly way: "time" | "calls" }) {
  const { tree, version } = useCalm(useSpans());
  const store = useTraceStore();
  const openSpan = useOpenSpan();
  // The line reaches to now while the trace runs.
  useNow();
  const steps = useMemo(() => (version >= 0 ? usageOverTime(tree) : []), [tree, version]);
  if (way === "calls") return <CallsTable tree={tree} steps={steps} />;
  const { startMs, endMs } = boundsOf(store.getState());
  return (
    <>
      <p className="visually-hidden">
        A plot of tokens and cost so far along the time of the trace. “Calls” shows the same as a table.
      </p>
      <Suspense fallback={<Skeleton label="Loading the plot" />}>
        <UsagePlot steps={steps} lengthMs={endMs - startMs} onSelect={({ span }) => openSpan(tree.get(span).spanId)} />
      </Suspense>
    </>
  );
}

function NoUsage() {
  const running = useTrace((state) => state.tree.runningSpans.size > 0);
  return (
    <EmptyState icon={Coins} title="No tokens were used">
      {running ? "No call of a model has told its usage so far." : "No span of this trace reports usage of a model."}
    </EmptyState>
  );
}
