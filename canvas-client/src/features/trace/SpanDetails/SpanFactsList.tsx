import { formatDateTime, formatDateTimeExact, formatDuration, formatDurationExact, plural } from "@/ui";

import { skewOf } from "../model/selfTime";
import { selfTimeMs } from "../model/selfTime";
import type { Skew } from "../model/selfTime";
import { useNow, useSpans } from "../store";
import type { SpanFacts } from "./api/spanDetails";
import { Fact, Facts, SpanLink } from "./Facts";

const SKEWS: Readonly<Record<Skew, string>> = {
  "before-parent": "It starts before the span it is in: the clocks of two machines disagree.",
  "after-parent": "It ends after the span it is in: it went on in the background, or clocks disagree.",
  "ends-before-start": "It ends before it starts: the clock was set back meanwhile. It is drawn without a length.",
};

/** Node, times and place in the tree. */
export function SpanFactsList({ facts }: { readonly facts: SpanFacts }) {
  const { tree } = useSpans();
  const now = useNow();
  const index = tree.indexOf(facts.spanId);
  const skew = index < 0 ? null : skewOf(tree, index);
  const ownMs = index < 0 || facts.childCount === 0 ? null : selfTimeMs(tree, index, now);
  const parentId = facts.parentSpanId ?? null;
  return (
    <Facts>
      <Fact name="Node" aside={facts.nodeType}>
        {facts.nodeId}
      </Fact>
      <Fact name="Attempt">{facts.attempt !== null && facts.attempt !== 1 && facts.attempt}</Fact>
      <Fact name="Iteration">{facts.iteration !== null && facts.iteration !== 1 && facts.iteration}</Fact>
      <Fact name="Name">{facts.name !== facts.displayName && facts.name}</Fact>
      <Fact
        name="Started"
        aside={`+${formatDuration(facts.startOffsetMs)}`}
        title={formatDateTimeExact(facts.startTime)}
      >
        {formatDateTime(facts.startTime)}
      </Fact>
      <Fact name="Ended" title={formatDateTimeExact(facts.endTime)}>
        {formatDateTime(facts.endTime)}
      </Fact>
      <Fact name="Duration" title={formatDurationExact(facts.durationMs)}>
        {formatDuration(facts.durationMs)}
      </Fact>
      <Fact name="Own time" title={formatDurationExact(ownMs)} aside="without its children">
        {formatDuration(ownMs)}
      </Fact>
      <Fact name="Parent" aside={index >= 0 && tree.isOrphan(index) && "not received"}>
        {parentId !== null && (tree.byId(parentId) ? <SpanLink spanId={parentId} /> : <code>{parentId}</code>)}
      </Fact>
      <Fact name="Children">{facts.childCount > 0 && plural(facts.childCount, "span")}</Fact>
      <Fact name="Kind">{facts.kind !== "INTERNAL" && facts.kind.toLowerCase()}</Fact>
      <Fact name="Clocks">{skew !== null && SKEWS[skew]}</Fact>
      <Fact name="Cycle">
        {index >= 0 && tree.isCycleBreak(index) && "Its parents lead back to itself, so it is shown as a root."}
      </Fact>
    </Facts>
  );
}
