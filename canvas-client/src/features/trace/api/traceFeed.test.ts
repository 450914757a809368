import { createTraceStore } from "../store";
import { wire } from "./testing";
import { TraceFeed } from "./traceFeed";

const setUp = () => {
  const store = createTraceStore("e");
  const versions: number[] = [];
  store.subscribe(({ version }) => versions.push(version));
  return { store, feed: new TraceFeed(store), versions };
};

const artifact = (revision: number, name: string) => ({
  id: "x",
  artifactId: "x",
  name,
  mediaType: "text/plain",
  sizeBytes: 1,
  sha256: "",
  createdAt: "",
  revision,
  downloadUrl: "",
  spanId: null,
});

describe("the feed of a trace", () => {
  it("merges what comes in one frame at once", async () => {
    const { store, feed, versions } = setUp();
    for (let index = 0; index < 50; index += 1) feed.spans([wire(`s${index}`, null)], true);
    expect(store.getState().tree.size).toBe(0);
    await feed.drained();
    expect(store.getState().tree.size).toBe(50);
    expect(versions).toHaveLength(1);
  });

  it("merges much of it in slices, and tells when all of it is there", async () => {
    const { store, feed } = setUp();
    feed.spans(
      Array.from({ length: 7_000 }, (_, index) => wire(`s${index}`, null)),
      false,
    );
    feed.flushNow();
    expect(store.getState().tree.size).toBeLessThan(7_000);
    expect(feed.backlog).toBeGreaterThan(0);
    await feed.drained();
    expect(store.getState().tree.size).toBe(7_000);
    expect(feed.backlog).toBe(0);
  });

  it("lays what is told of the execution over what is known", () => {
    const { store, feed } = setUp();
    feed.execution({ executionId: "e", spanCount: 1, status: "RUNNING" });
    feed.execution({ spanCount: 2 });
    feed.flushNow();
    feed.execution({ status: "SUCCEEDED" });
    feed.flushNow();
    expect(store.getState().execution).toEqual({ executionId: "e", spanCount: 2, status: "SUCCEEDED" });
  });

  it("keeps the newest copy of an artifact, whichever comes last", () => {
    const { store, feed } = setUp();
    feed.artifacts([artifact(2, "new"), artifact(1, "old")]);
    feed.flushNow();
    expect(store.getState().artifacts.get("x")?.name).toBe("new");
  });

  it("stops when it is told to", async () => {
    const { store, feed } = setUp();
    feed.spans([wire("a", null)], true);
    feed.stop();
    await new Promise((resolve) => requestAnimationFrame(resolve));
    expect(store.getState().tree.size).toBe(0);
  });
});
