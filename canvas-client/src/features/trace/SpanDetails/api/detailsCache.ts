import { readFacts, readPayload } from "./spanDetails";
import type { FactsPart, Part, PayloadPart } from "./spanDetails";

/** A running span changes several times a second; details that do are not read. */
const READ_AGAIN_AFTER_MS = 1_000;

const READING = { data: null, phase: "reading", error: null } as const;

interface Versioned {
  readonly revision: number;
}

interface Entry<Data> {
  part: Part<Data>;
  /** Read, or being read; what is asked for below that is there. */
  revision: number;
  startedAt: number;
  timer: ReturnType<typeof setTimeout> | null;
}

/** The last spans looked at, part by part, so that going back to one shows it at once. */
export class PartCache<Data extends Versioned> {
  readonly #entries = new Map<string, Entry<Data>>();
  readonly #listeners = new Set<() => void>();
  readonly #read: (executionId: string, spanId: string) => Promise<Data | null>;
  readonly #capacity: number;

  constructor(capacity: number, read: (executionId: string, spanId: string) => Promise<Data | null>) {
    this.#capacity = capacity;
    this.#read = read;
  }

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** The same object until something changes. */
  peek(executionId: string, spanId: string): Part<Data> {
    return this.#entries.get(`${executionId}/${spanId}`)?.part ?? READING;
  }

  /**
   * Sees to it that this revision is there soon: what is older is kept until then. Asked for often, it reads at most once a
   * second and always the last one.
   */
  want(executionId: string, spanId: string, revision: number): void {
    const entry = this.#use(`${executionId}/${spanId}`);
    if (entry.revision >= revision || entry.timer !== null) return;
    const wait = entry.startedAt + READ_AGAIN_AFTER_MS - Date.now();
    if (wait <= 0) {
      void this.#load(executionId, spanId, entry, revision);
      return;
    }
    entry.timer = setTimeout(() => {
      entry.timer = null;
      void this.#load(executionId, spanId, entry, revision);
    }, wait);
  }

  readAgain(executionId: string, spanId: string): void {
    const entry = this.#use(`${executionId}/${spanId}`);
    entry.part = { ...entry.part, phase: "reading" };
    this.#tell();
    void this.#load(executionId, spanId, entry, entry.revision);
  }

  async #load(executionId: string, spanId: string, entry: Entry<Data>, revision: number): Promise<void> {
    entry.revision = Math.max(revision, entry.revision);
    entry.startedAt = Date.now();
    try {
      const data = await this.#read(executionId, spanId);
      // Of two answers that overtook each other the newer one stays.
      if (data && entry.part.data && entry.part.data.revision > data.revision) return;
      entry.part = data ? { data, phase: "read", error: null } : { data: null, phase: "missing", error: null };
      if (data) entry.revision = Math.max(entry.revision, data.revision);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      entry.part = { data: entry.part.data, phase: "failed", error: message };
      entry.revision = entry.part.data?.revision ?? -1;
    }
    this.#tell();
  }

  /** The entry, as the one used last. */
  #use(key: string): Entry<Data> {
    const known = this.#entries.get(key);
    if (known) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const made: Entry<Data> = { part: READING, revision: -1, startedAt: -Infinity, timer: null };
    this.#entries.set(key, made);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#capacity) break;
      this.#entries.delete(oldest);
    }
    return made;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** What goes in and comes out may be tens of megabytes, so fewer are kept. */
export const factsCache = new PartCache<NonNullable<FactsPart["data"]>>(48, readFacts);
export const payloadCache = new PartCache<NonNullable<PayloadPart["data"]>>(12, readPayload);

/** Reads ahead what is about to be looked at. */
export function prefetchSpan(executionId: string, spanId: string, revision: number): void {
  factsCache.want(executionId, spanId, revision);
  payloadCache.want(executionId, spanId, revision);
}
