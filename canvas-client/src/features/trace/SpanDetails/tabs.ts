import type { ArtifactSummary } from "../store";
import type { PayloadPart, SpanFacts } from "./api/spanDetails";
import { readDocuments } from "./model/documents";
import { readFailure } from "./model/failure";
import { readMessages } from "./model/messages";
import { readStateCopies } from "./model/stateDiff";

export type TabId =
  "overview" | "messages" | "documents" | "input" | "output" | "state" | "attributes" | "events" | "artifacts" | "raw";

export interface DetailsTab {
  readonly id: TabId;
  readonly label: string;
  readonly count?: number;
  /** What is counted includes the failure. */
  readonly alarming?: boolean;
}

interface Known {
  readonly facts: SpanFacts;
  readonly payload: PayloadPart;
  readonly artifacts: readonly ArtifactSummary[];
}

/** Kinds of spans that talk in messages; of others a list of objects with roles is just data. */
const TALKING = new Set(["LLM", "AGENT"]);

/** The messages of a span that has a conversation; empty for all others. */
export function conversationOf(facts: SpanFacts, payload: PayloadPart) {
  if (!TALKING.has(facts.category)) return [];
  const { input = null, output = null } = payload.data ?? {};
  return readMessages({ input, output, attributes: facts.attributes });
}

/** What a search for documents found; empty for all other spans. */
export const documentsOf = ({ category }: SpanFacts, { data }: PayloadPart) =>
  readDocuments(category, data?.output ?? null);

/** Only what has something to show. While input and output are read, nothing is known of them but that a model call has messages. */
export function tabsOf({ facts, payload, artifacts }: Known): readonly DetailsTab[] {
  const talks = facts.category === "LLM" && payload.phase === "reading" && payload.data === null;
  const attributes = Object.keys(facts.attributes).length;
  const events = facts.events.length;
  const documents = documentsOf(facts, payload).length;
  return [
    { id: "overview", label: "Overview" } as const,
    (talks || conversationOf(facts, payload).length > 0) && ({ id: "messages", label: "Messages" } as const),
    documents > 0 && ({ id: "documents", label: "Documents", count: documents } as const),
    (payload.data?.input ?? null) !== null && ({ id: "input", label: "Input" } as const),
    (payload.data?.output ?? null) !== null && ({ id: "output", label: "Output" } as const),
    readStateCopies(facts.attributes) && ({ id: "state", label: "State" } as const),
    attributes > 0 && ({ id: "attributes", label: "Attributes", count: attributes } as const),
    events > 0 && ({ id: "events", label: "Events", count: events, alarming: hasException(facts) } as const),
    artifacts.length > 0 && ({ id: "artifacts", label: "Artifacts", count: artifacts.length } as const),
    { id: "raw", label: "Raw" } as const,
  ].filter((tab) => tab !== false && tab !== null);
}

function hasException({ events }: SpanFacts): boolean {
  return events.some(({ name }) => name === "exception");
}

/** What answers first: why it failed, what was said or found, what it is. */
export function defaultTab(tabs: readonly DetailsTab[], facts: SpanFacts): TabId {
  if (readFailure(facts) !== null) return "overview";
  const has = (tab: TabId) => tabs.some(({ id }) => id === tab);
  if (facts.category === "LLM" && has("messages")) return "messages";
  return has("documents") ? "documents" : "overview";
}
