import type { Expansion } from "../model/expansion";
import type { SpanFilters } from "../model/filterSpans";
import type { SortKey } from "../model/flattenRows";
import type { SpanTree } from "../model/spanTree";
import type { TimeWindow } from "../model/timeScale";

export type ExecutionStatus = "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED" | "ABANDONED";

export interface TokenSums {
  readonly input: number;
  readonly output: number;
  readonly total: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
  readonly costUsd: number | null;
  /** Tokens whose cost is not known. */
  readonly unpriced: number;
}

/** The run as a whole. */
export interface ExecutionSummary {
  readonly executionId: string;
  readonly traceId: string;
  readonly status: ExecutionStatus;
  readonly workflowId: string | null;
  readonly workflowName: string | null;
  readonly workflowVersion: number | null;
  readonly queuedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly durationMs: number | null;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly error: { readonly code: string; readonly message: string; readonly nodeId: string | null } | null;
  readonly tokenUsage: TokenSums;
  readonly rootSpanId: string | null;
  readonly externalLinks: readonly { readonly name: string; readonly url: string }[];
}

export interface ArtifactSummary {
  readonly id: string;
  readonly artifactId: string;
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly createdAt: string;
  readonly revision: number;
  readonly spanId: string | null;
  readonly downloadUrl: string;
}

/** How far reading what is stored has come. Data read before a failure stays. */
export type LoadState =
  | { readonly phase: "loading" }
  | { readonly phase: "loaded" }
  | { readonly phase: "failed"; readonly message: string }
  /** There is no such execution. */
  | { readonly phase: "missing" }
  /** It was deleted while it was looked at. */
  | { readonly phase: "deleted" };

/** What is true of the live connection. */
export type LinkState =
  /** Nothing to follow: not connected yet, or the trace is complete. */
  | { readonly state: "off" }
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "reconnecting"; readonly sinceMs: number }
  | { readonly state: "complete" };

/** What times are counted from: the start of the trace, the clock on the wall, the start of the parent. */
export type TimeMode = "relative" | "absolute" | "parent";

export const TRACE_VIEWS = ["tree", "flame", "tokens", "artifacts", "events"] as const;
export type TraceView = (typeof TRACE_VIEWS)[number];

/** What the reader chose. */
export interface Interaction {
  readonly view: TraceView;
  readonly selectedId: string | null;
  readonly expansion: Expansion;
  readonly filters: SpanFilters;
  readonly search: string;
  /** Rows that the search does not hit are hidden instead of faded. */
  readonly onlyHits: boolean;
  readonly sort: SortKey;
  /** Null shows the whole trace, also as it grows. */
  readonly zoom: TimeWindow | null;
  readonly timeMode: TimeMode;
  /** Null: by the size of the trace. */
  readonly criticalPath: boolean | null;
  /** The newest span is kept in view. */
  readonly following: boolean;
  /** Whether details are shown where they lie over the tree. */
  readonly detailsOpen: boolean;
}

export interface TraceData {
  readonly executionId: string;
  /** Grows in place: whoever draws it watches `version`. */
  readonly tree: SpanTree;
  readonly version: number;
  readonly execution: ExecutionSummary | null;
  /** By artifact id. */
  readonly artifacts: ReadonlyMap<string, ArtifactSummary>;
  readonly load: LoadState;
  readonly link: LinkState;
  /** Milliseconds since the epoch of time 0 of the trace's clock; null before the first span. */
  readonly originMs: number | null;
  /** To be added to this computer's clock. */
  readonly clockCorrectionMs: number;
  /** Siblings alike are grouped when there are more. Does not change while a trace is open, so that rows stay. */
  readonly groupOver: number;
  /** What the server found in values that are not loaded here; null before it answered. */
  readonly found: ServerFinding | null;
  /** Of a trace too large to be read as a whole: reads the next children of a span. Null for all others. */
  readonly readChildren: ((spanId: string) => void) | null;
}

export interface ServerFinding {
  /** The text that was looked for. */
  readonly text: string;
  readonly spanIds: ReadonlySet<string>;
  /** There are more than were read. */
  readonly cut: boolean;
}

export interface SelectOptions {
  /** Unfolds what hides it and brings it into view. */
  readonly reveal?: boolean;
  /** A step that the back button undoes; else it only replaces what the address says. True unless told otherwise. */
  readonly byReader?: boolean;
}

export interface TraceActions {
  /** Selects a span, or nothing, and stops following the newest. */
  readonly selectSpan: (spanId: string | null, options?: SelectOptions) => void;
  readonly change: (choice: Partial<Interaction>) => void;
  readonly focusRow: (key: string) => void;
  /** Null shows the whole trace again. */
  readonly setZoom: (zoom: TimeWindow | null) => void;
  readonly setFolds: (keys: Iterable<string>, expanded: boolean) => void;
}

export interface TraceState extends TraceData, Interaction, TraceActions {
  /** Counts the wishes to bring the selected span into view. */
  readonly reveals: number;
  /** The row that the focus is on when the tree has it: a span id or a group's key; it goes with the selection. */
  readonly focusKey: string | null;
  /** Whether the selection is a step of the reader's own. */
  readonly selectionByReader: boolean;
}
