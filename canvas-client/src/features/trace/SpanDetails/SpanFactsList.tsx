import { formatDateTimeExact, formatDuration, formatDurationExact, formatTime, plural } from "@/ui";

import { selfTimeMs, skewOf } from "../model/selfTime";
import type { Skew } from "../model/selfTime";
import { useNow, useSpans } from "../store";
import type { SpanFacts } from "./api/spanDetails";
import { Fact, Facts, SpanLink } from "./Facts";
import { attemptsOf } from "./model/attempts";

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
  const attempts = Math.max(facts.attempt ?? 1, ...attemptsOf(tree, facts).map(({ attempt }) => attempt ?? 1));
  const parentId = facts.parentSpanId ?? null;
  const firstToken = index < 0 ? undefined : tree.get(index).marks.find(({ kind }) => kind === "FIRST_TOKEN");
  return (
    <Facts>
      <Fact name="Node" aside={facts.nodeType}>
        {facts.nodeId}
      </Fact>
      <Fact name="Attempt">{attempts > 1 && `${facts.attempt ?? 1} of ${attempts}`}</Fact>
      <Fact name="Iteration">{facts.iteration !== null && facts.iteration !== 1 && facts.iteration}</Fact>
      <Fact name="Name">{facts.name !== facts.displayName && facts.name}</Fact>
      <Fact
        name="Started"
        aside={`+${formatDuration(facts.startOffsetMs)}`}
        title={formatDateTimeExact(facts.startTime)}
      >
        {formatTime(facts.startTime)}
      </Fact>
      <Fact name="First token" title={formatDurationExact(firstToken?.offsetMs)} aside="after the start">
        {formatDuration(firstToken?.offsetMs)}
      </Fact>
      <Fact
        name="Ended"
        aside={facts.durationMs != null && `+${formatDuration(facts.startOffsetMs + facts.durationMs)}`}
        title={formatDateTimeExact(facts.endTime)}
      >
        {formatTime(facts.endTime)}
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
