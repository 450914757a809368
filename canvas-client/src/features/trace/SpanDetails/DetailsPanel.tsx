import { lazy } from "react";

import type { ArtifactSummary } from "../store";
import type { PayloadPart, SpanFacts } from "./api/spanDetails";
import { OverviewPanel } from "./OverviewPanel";
import { PayloadPanel } from "./PayloadPanel";
import { documentsOf, type TabId } from "./tabs";

const MessagesPanel = lazy(() => import("./MessagesPanel"));
const DocumentsPanel = lazy(() => import("./DocumentsPanel"));
const StatePanel = lazy(() => import("./StatePanel"));
const AttributesPanel = lazy(() => import("./AttributesPanel"));
const EventsPanel = lazy(() => import("./EventsPanel"));
const ArtifactsPanel = lazy(() => import("./ArtifactsPanel"));
const RawPanel = lazy(() => import("./RawPanel"));

interface DetailsPanelProps {
  readonly tab: TabId;
  readonly facts: SpanFacts;
  readonly payload: PayloadPart;
  readonly artifacts: readonly ArtifactSummary[];
  readonly onRetry: () => void;
  readonly onOpen: (tab: TabId) => void;
}

/** The panel of the selected tab. */
export function DetailsPanel({ tab, facts, payload, artifacts, onRetry, onOpen }: DetailsPanelProps) {
  switch (tab) {
    case "overview":
      return <OverviewPanel facts={facts} payload={payload} artifacts={artifacts} onOpen={onOpen} />;
    case "messages":
      return <MessagesPanel facts={facts} payload={payload} onRetry={onRetry} />;
    case "documents":
      return <DocumentsPanel documents={documentsOf(facts, payload)} />;
    case "input":
    case "output":
      return <PayloadPanel side={tab} payload={payload} onRetry={onRetry} />;
    case "state":
      return <StatePanel attributes={facts.attributes} />;
    case "attributes":
      return <AttributesPanel attributes={facts.attributes} />;
    case "events":
      return <EventsPanel facts={facts} />;
    case "artifacts":
      return <ArtifactsPanel artifacts={artifacts} />;
    case "raw":
      return <RawPanel facts={facts} payload={payload} />;
  }
}
