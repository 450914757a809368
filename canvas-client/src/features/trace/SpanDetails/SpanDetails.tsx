import { MousePointerClick, SearchX } from "lucide-react";
import { Suspense, useMemo, useState } from "react";
import type { ReactNode } from "react";

import { Button, EmptyState, ErrorState, Skeleton, Tabs, cx } from "@/ui";

import { useSelectedSpan } from "../store";
import type { ArtifactSummary } from "../store";
import type { FactsPart, PayloadPart, SpanFacts } from "./api/spanDetails";
import { useSpanDetails } from "./api/useSpanDetails";
import { useSpanArtifacts } from "./api/useSpanArtifacts";
import { DetailsHeader } from "./DetailsHeader";
import { DetailsPanel } from "./DetailsPanel";
import { FailureBanner } from "./FailureBanner";
import styles from "./SpanDetails.module.css";
import { defaultTab, tabsOf } from "./tabs";
import type { TabId } from "./tabs";

interface SpanDetailsProps {
  /** Buttons at the end of the header, for example to close the panel. */
  readonly actions?: ReactNode;
}

/** All about the selected span. */
export function SpanDetails({ actions }: SpanDetailsProps) {
  const { spanId } = useSelectedSpan();
  const [chosen, setChosen] = useState<TabId | null>(null);
  return (
    <section aria-label="Span details" className={styles.details}>
      {spanId === null ? (
        <EmptyState icon={MousePointerClick} title="No span is selected" actions={actions}>
          Choose a row to see what went into the span, what came out of it, and why it failed if it did.
        </EmptyState>
      ) : (
        <OneSpan key={spanId} spanId={spanId} chosen={chosen} onChoose={setChosen} actions={actions} />
      )}
    </section>
  );
}

interface OneSpanProps {
  readonly spanId: string;
  /** The tab that the reader last chose, of any span. */
  readonly chosen: TabId | null;
  readonly onChoose: (tab: TabId) => void;
  readonly actions: ReactNode;
}

function OneSpan({ spanId, chosen, onChoose, actions }: OneSpanProps) {
  const { record } = useSelectedSpan();
  const { facts, payload, readAgain } = useSpanDetails(spanId);
  const artifacts = useSpanArtifacts(spanId, facts.data);

  if (facts.phase === "missing") {
    return (
      <EmptyState icon={SearchX} title="This span is not here" actions={actions}>
        The trace has no span <code>{spanId}</code>. It may not have arrived yet, or the trace was deleted.
      </EmptyState>
    );
  }
  if (facts.data === null) {
    return (
      <>
        {record && <DetailsHeader span={record} actions={actions} />}
        {facts.phase === "failed" ? (
          <ErrorState title="The span cannot be shown" onRetry={readAgain}>
            {facts.error}
          </ErrorState>
        ) : (
          <Skeleton label="Loading the span" />
        )}
      </>
    );
  }

  return (
    <LoadedSpan
      facts={facts}
      span={facts.data}
      payload={payload}
      artifacts={artifacts}
      chosen={chosen}
      onChoose={onChoose}
      onRetry={readAgain}
      actions={actions}
    />
  );
}

interface LoadedSpanProps extends Omit<OneSpanProps, "spanId"> {
  readonly facts: FactsPart;
  readonly span: SpanFacts;
  readonly payload: PayloadPart;
  readonly artifacts: readonly ArtifactSummary[];
  readonly onRetry: () => void;
}

function LoadedSpan({ facts, span, payload, artifacts, chosen, onChoose, onRetry, actions }: LoadedSpanProps) {
  const { record } = useSelectedSpan();
  const tabs = useMemo(() => tabsOf({ facts: span, payload, artifacts }), [span, payload, artifacts]);
  const tab = tabs.find(({ id }) => id === chosen)?.id ?? defaultTab(tabs, span);
  return (
    <>
      <DetailsHeader span={record ?? span} facts={span} actions={actions} />
      {facts.phase === "failed" && (
        <div role="status" className={styles.stale}>
          {facts.error} What is shown may be out of date.
          <Button variant="ghost" onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
      <FailureBanner span={span} />
      <Tabs
        label="Details"
        dense
        items={tabs.map(({ id, label, count, alarming }) => ({
          id,
          label,
          badge: count !== undefined && <span className={cx(styles.count, alarming && styles.alarm)}>{count}</span>,
        }))}
        value={tab}
        onChange={onChoose}
      >
        <Suspense fallback={<Skeleton />}>
          <DetailsPanel
            tab={tab}
            facts={span}
            payload={payload}
            artifacts={artifacts}
            onRetry={onRetry}
            onOpen={onChoose}
          />
        </Suspense>
      </Tabs>
    </>
  );
}
