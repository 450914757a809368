import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { throttled } from "./throttle";

describe("throttled", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("works at once, then no more often than allowed, and never forgets the last wish", async () => {
    const work = vi.fn(() => Promise.resolve());
    const { ask } = throttled(work, 500);
    ask();
    await vi.advanceTimersByTimeAsync(0);
    expect(work).toHaveBeenCalledTimes(1);
    for (let count = 0; count < 10; count += 1) ask();
    await vi.advanceTimersByTimeAsync(499);
    expect(work).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(work).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it("never works twice at once", async () => {
    let finish: () => void = () => undefined;
    const work = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    const { ask } = throttled(work, 100);
    ask();
    await vi.advanceTimersByTimeAsync(0);
    ask();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(work).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it("goes on after a failure, and stops when told", async () => {
    const work = vi.fn(() => Promise.reject(new Error("no")).catch(() => undefined));
    const { ask, stop } = throttled(work, 100);
    ask();
    await vi.advanceTimersByTimeAsync(200);
    ask();
    await vi.advanceTimersByTimeAsync(200);
    expect(work).toHaveBeenCalledTimes(2);
    ask();
    stop();
    await vi.advanceTimersByTimeAsync(200);
    expect(work).toHaveBeenCalledTimes(2);
  });
});
