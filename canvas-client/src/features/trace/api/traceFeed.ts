import { applySpans } from "../model/applySpans";
import { ServerClock } from "../model/clock";
import { SpanReader, type SpanRecord, type WireSpan } from "../model/span";
import { GROUP_OVER_LIVE, type TraceStore } from "../store/traceStore";
import type { ArtifactSummary, ExecutionSummary, LinkState, LoadState } from "../store/traceState";
import { FrameBatch } from "./frameBatch";

/** Spans merged in one go: a few milliseconds' work, so that a frame is never missed for it. */
const SLICE = 2_000;
/** While more is waiting, what is merged is shown so often: drawing costs more than merging. */
const SHOWN_EVERY_MS = 250;

/** Brings what is read into the store: once a frame, in slices, whatever the rate at which it comes. */
export class TraceFeed {
  readonly #store: TraceStore;
  readonly #reader = new SpanReader();
  readonly #clock = new ServerClock();
  readonly #batch: FrameBatch;
  #pending: SpanRecord[] = [];
  #taken = 0;
  #execution: Partial<ExecutionSummary> | null = null;
  #artifacts: ArtifactSummary[] = [];
  #drained: (() => void)[] = [];
  #shownAt = -Infinity;

  constructor(store: TraceStore) {
    this.#store = store;
    this.#batch = new FrameBatch(() => this.#flush());
  }

  /** Spans waiting to be merged. */
  get backlog(): number {
    return this.#pending.length - this.#taken;
  }

  spans(spans: readonly WireSpan[], live: boolean): void {
    let newest = -Infinity;
    for (const span of spans) {
      const record = this.#reader.read(span);
      this.#pending.push(record);
      newest = Math.max(newest, record.startMs + (record.durationMs ?? 0));
    }
    if (this.#reader.originMs !== null && newest > -Infinity) {
      this.#clock.observe(this.#reader.originMs + newest, Date.now(), live);
    }
    if (spans.length > 0) this.#batch.schedule();
  }

  /** A part that changed is laid over what is known. */
  execution(execution: Partial<ExecutionSummary>): void {
    this.#execution = { ...this.#execution, ...execution };
    this.#batch.schedule();
  }

  artifacts(artifacts: readonly ArtifactSummary[]): void {
    if (artifacts.length === 0) return;
    this.#artifacts.push(...artifacts);
    this.#batch.schedule();
  }

  load(load: LoadState): void {
    this.#store.setState({ load });
  }

  link(link: LinkState): void {
    this.#store.setState({ link });
  }

  /** Somebody watches rows come: from now on they are not put into groups early. */
  watchLive(): void {
    this.#store.setState({ groupOver: GROUP_OVER_LIVE });
  }

  /** When all that was given is merged. */
  drained(): Promise<void> {
    if (this.backlog === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Merges the first spans without waiting for a frame. */
  flushNow(): void {
    this.#batch.stop();
    this.#flush();
  }

  stop(): void {
    this.#batch.stop();
  }

  #flush(): void {
    const { tree, execution, artifacts } = this.#store.getState();
    const slice = this.#pending.slice(this.#taken, this.#taken + SLICE);
    this.#taken += slice.length;
    applySpans(tree, slice);
    if (this.backlog === 0) {
      this.#pending = [];
      this.#taken = 0;
    } else {
      this.#batch.schedule();
      if (performance.now() - this.#shownAt < SHOWN_EVERY_MS) return;
    }
    this.#shownAt = performance.now();
    const changed = this.#artifacts;
    this.#artifacts = [];
    this.#store.setState({
      version: tree.version,
      originMs: this.#reader.originMs,
      clockCorrectionMs: this.#clock.correctionMs,
      ...(this.#execution !== null && { execution: { ...execution, ...this.#execution } as ExecutionSummary }),
      ...(changed.length > 0 && { artifacts: withArtifacts(artifacts, changed) }),
    });
    this.#execution = null;
    if (this.backlog === 0) for (const resolve of this.#drained.splice(0)) resolve();
  }
}

function withArtifacts(
  known: ReadonlyMap<string, ArtifactSummary>,
  changed: readonly ArtifactSummary[],
): ReadonlyMap<string, ArtifactSummary> {
  const artifacts = new Map(known);
  for (const artifact of changed) {
    if ((artifacts.get(artifact.id)?.revision ?? -1) <= artifact.revision) artifacts.set(artifact.id, artifact);
  }
  return artifacts;
}
