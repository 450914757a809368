/** A clock that is further off than this was set wrong; less is delay of the network. */
const TOLERATED_MS = 2_000;

/**
 * Guesses the server's time from the times in its answers, so that running bars have the right length on a computer whose clock is
 * wrong. An answer proves that the server's clock had reached the newest time in it; a live one, that it had only just done so.
 */
export class ServerClock {
  #aheadMs = -Infinity;
  #liveAheadMs = -Infinity;

  /** Both in milliseconds since the epoch. */
  observe(newestMs: number, receivedMs: number, live: boolean): void {
    this.#aheadMs = Math.max(this.#aheadMs, newestMs - receivedMs);
    if (live) this.#liveAheadMs = Math.max(this.#liveAheadMs, newestMs - receivedMs);
  }

  /** To be added to the local clock. */
  get correctionMs(): number {
    if (this.#aheadMs > 0) return this.#aheadMs;
    return this.#liveAheadMs < -TOLERATED_MS && this.#liveAheadMs > -Infinity ? this.#liveAheadMs : 0;
  }
}
