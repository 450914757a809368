import { beforeEach, describe, expect, it, vi } from "vitest";

import { PartCache } from "./detailsCache";

interface Data {
  readonly revision: number;
}

const answers: { resolve: (data: Data | null) => void; reject: (error: Error) => void }[] = [];
const read = vi.fn(() => new Promise<Data | null>((resolve, reject) => answers.push({ resolve, reject })));
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  answers.length = 0;
  read.mockClear();
  return () => vi.useRealTimers();
});

describe("PartCache", () => {
  it("reads a revision once, however often it is asked for", async () => {
    const cache = new PartCache<Data>(4, read);
    cache.want("e", "s", 3);
    cache.want("e", "s", 3);
    expect(read).toHaveBeenCalledTimes(1);
    expect(cache.peek("e", "s").phase).toBe("reading");
    answers[0]?.resolve({ revision: 5 });
    await settle();
    expect(cache.peek("e", "s")).toEqual({ data: { revision: 5 }, phase: "read", error: null });
    cache.want("e", "s", 5);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it("keeps what it has while a newer revision is read, at most once a second", async () => {
    const cache = new PartCache<Data>(4, read);
    cache.want("e", "s", 1);
    answers[0]?.resolve({ revision: 1 });
    await settle();
    for (let revision = 2; revision < 10; revision += 1) cache.want("e", "s", revision);
    expect(read).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(read).toHaveBeenCalledTimes(2);
    expect(cache.peek("e", "s").data).toEqual({ revision: 1 });
    answers[1]?.resolve({ revision: 9 });
    await settle();
    expect(cache.peek("e", "s").data).toEqual({ revision: 9 });
  });

  it("keeps the newer of two answers that overtook each other", async () => {
    const cache = new PartCache<Data>(4, read);
    cache.want("e", "s", 1);
    cache.readAgain("e", "s");
    answers[1]?.resolve({ revision: 2 });
    await settle();
    answers[0]?.resolve({ revision: 1 });
    await settle();
    expect(cache.peek("e", "s").data).toEqual({ revision: 2 });
  });

  it("keeps what it has when reading fails, and reads when asked again", async () => {
    const cache = new PartCache<Data>(4, read);
    cache.want("e", "s", 1);
    answers[0]?.resolve({ revision: 1 });
    await settle();
    cache.readAgain("e", "s");
    answers[1]?.reject(new Error("gone away"));
    await settle();
    expect(cache.peek("e", "s")).toEqual({ data: { revision: 1 }, phase: "failed", error: "gone away" });
    cache.readAgain("e", "s");
    answers[2]?.resolve({ revision: 2 });
    await settle();
    expect(cache.peek("e", "s")).toMatchObject({ data: { revision: 2 }, phase: "read" });
  });

  it("tells of a span that is not there", async () => {
    const cache = new PartCache<Data>(4, read);
    cache.want("e", "s", 1);
    answers[0]?.resolve(null);
    await settle();
    expect(cache.peek("e", "s").phase).toBe("missing");
  });

  it("forgets what was used longest ago", async () => {
    const cache = new PartCache<Data>(2, read);
    for (const id of ["a", "b"]) {
      cache.want("e", id, 1);
      answers.at(-1)?.resolve({ revision: 1 });
      await settle();
    }
    cache.want("e", "a", 1);
    cache.want("e", "c", 1);
    expect(cache.peek("e", "a").phase).toBe("read");
    expect(cache.peek("e", "b").phase).toBe("reading");
  });
});
