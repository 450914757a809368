import { describeError, uncachedClient } from "@/graphql";
import { toast } from "@/ui";

import { EVERYTHING, toDepth } from "../model/expansion";
import type { WireSpan } from "../model/span";
import type { TraceStore } from "../store/traceStore";
import { ChildSpansQuery, RootSpansQuery } from "./documents";
import type { TraceFeed } from "./traceFeed";

/** Above this a trace is not read as a whole: children come when their parent is unfolded. */
export const READ_WHOLE_UP_TO = 250_000;
const PAGE = 1_000;

type CountedSpan = WireSpan & { readonly childCount: number };

interface CountedPage {
  readonly nodes: readonly CountedSpan[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Reads a very large trace bit by bit: its roots, and then the children of what the reader unfolds. */
export class ReadOnDemand {
  readonly #store: TraceStore;
  readonly #feed: TraceFeed;
  readonly #cursors = new Map<string, string | null>();
  readonly #reading = new Set<string>();

  constructor(store: TraceStore, feed: TraceFeed) {
    this.#store = store;
    this.#feed = feed;
  }

  /** Answers what went wrong, in words; null when the roots are read. */
  async readRoots(): Promise<string | null> {
    const { executionId, expansion, change } = this.#store.getState();
    if (expansion === EVERYTHING) change({ expansion: toDepth(1) });
    this.#store.setState({ readChildren: (spanId) => void this.readChildren(spanId) });
    let after: string | null = null;
    do {
      const { data, error } = await uncachedClient
        .query(RootSpansQuery, { executionId, first: PAGE, after })
        .toPromise();
      const page: CountedPage | undefined = data?.execution?.rootSpans;
      if (page === undefined) return error ? describeError(error) : "The execution is gone.";
      this.#take(page.nodes);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null && this.#store.getState().tree.size < READ_WHOLE_UP_TO);
    return null;
  }

  /** Reads the next page of a span's children. */
  async readChildren(spanId: string): Promise<void> {
    if (this.#reading.has(spanId)) return;
    this.#reading.add(spanId);
    const { executionId, tree } = this.#store.getState();
    const after = this.#cursors.get(spanId) ?? null;
    const { data, error } = await uncachedClient
      .query(ChildSpansQuery, { executionId, spanId, first: PAGE, after })
      .toPromise();
    this.#reading.delete(spanId);
    const span = data?.execution?.span;
    if (span == null) {
      toast(error ? describeError(error) : "The span is gone.", { tone: "error" });
      return;
    }
    this.#cursors.set(spanId, span.children.pageInfo.endCursor);
    tree.expectChildren(tree.indexOf(spanId), span.childCount);
    this.#take(span.children.nodes);
  }

  /** Of what changed, what is read anyway: spans that are here, and new ones where nothing is left out. */
  touched(spans: readonly WireSpan[]): readonly WireSpan[] {
    const { tree } = this.#store.getState();
    return spans.filter(({ spanId, parentSpanId }) => {
      if (tree.indexOf(spanId) >= 0 || parentSpanId == null) return true;
      const parent = tree.indexOf(parentSpanId);
      return parent >= 0 && tree.missingChildren(parent) === 0;
    });
  }

  #take(spans: readonly CountedSpan[]): void {
    this.#feed.spans(spans, false);
    this.#feed.flushNow();
    const { tree } = this.#store.getState();
    for (const { spanId, childCount } of spans) tree.expectChildren(tree.indexOf(spanId), childCount);
    // The counts are no change of a span, but rows depend on them.
    tree.version += 1;
    this.#store.setState({ version: tree.version });
  }
}
