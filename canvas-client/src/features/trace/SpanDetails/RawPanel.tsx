import { useMemo } from "react";

import { CopyButton, Segmented, JsonView, jsonText, usePreference } from "@/ui";

import type { PayloadPart, SpanFacts } from "./api/spanDetails";
import { PanelBar, PanelNote } from "./PanelBar";
import { PlainJson } from "./PayloadPanel";

const WAYS = [
  { id: "tree", label: "Tree" },
  { id: "plain", label: "Plain" },
] as const;

interface RawPanelProps {
  readonly facts: SpanFacts;
  readonly payload: PayloadPart;
}

/** The span as the API tells it. */
export default function RawPanel({ facts, payload }: RawPanelProps) {
  const [way, setWay] = usePreference<"tree" | "plain">("details.raw", "plain");
  const span = useMemo(
    () => ({ ...facts, input: payload.data?.input, output: payload.data?.output }),
    [facts, payload],
  );
  return (
    <>
      <PanelBar
        end={
          <>
            <Segmented label="Show as" items={WAYS} value={way} onChange={setWay} />
            <CopyButton label="Copy the span as JSON" text={() => jsonText(span)} />
          </>
        }
      >
        <PanelNote>As the API tells it, revision {facts.revision}</PanelNote>
      </PanelBar>
      {way === "tree" ? <JsonView value={span} label="Span" fill /> : <PlainJson value={span} label="Span" />}
    </>
  );
}
