/** While the page is hidden there are no frames, but what comes in must not pile up. */
const HIDDEN_MS = 500;

/**
 * Runs work at most once a frame, and no more than about half of the time: after a run that took long with what it caused to be
 * drawn, the next waits as long, so that input is answered in between.
 */
export class FrameBatch {
  readonly #work: () => void;
  #cancel: (() => void) | null = null;
  #notBefore = 0;

  constructor(work: () => void) {
    this.#work = work;
  }

  schedule(): void {
    if (this.#cancel !== null) return;
    const waitMs = document.hidden ? HIDDEN_MS : this.#notBefore - performance.now();
    if (waitMs > 1) {
      const timer = setTimeout(() => this.#run(), waitMs);
      this.#cancel = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame(() => this.#run());
      this.#cancel = () => cancelAnimationFrame(frame);
    }
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #run(): void {
    this.#cancel = null;
    const began = performance.now();
    this.#notBefore = began;
    this.#work();
    // What was caused to be drawn is drawn before a timer runs.
    setTimeout(() => {
      const ended = performance.now();
      this.#notBefore = ended + Math.min(1_000, ended - began);
    });
  }
}
