import { waitFor } from "@testing-library/react";

import { FakeServer, apiError } from "@/testing/FakeServer";
import { reportReachable } from "@/graphql/connection";

import { createTraceStore, type TraceStore } from "../store";
import { openTrace, type OpenTrace } from "./openTrace";
import { READ_WHOLE_UP_TO } from "./readOnDemand";
import { opened, page, progress, wire } from "./testing";

let server: FakeServer;
let store: TraceStore;
let trace: OpenTrace;

beforeEach(() => {
  server = new FakeServer();
  store = createTraceStore("e");
});

afterEach(() => trace.close());

const open = () => (trace = openTrace(store));
const known = () => store.getState().tree.spans.map(({ spanId }) => spanId);
const phase = () => store.getState().load.phase;
const followed = () => server.subscriptions.find(({ name }) => name === "TraceUpdates");
const update = (more: object = {}) =>
  server.emit("TraceUpdates", {
    traceUpdates: {
      cursor: "c1",
      caughtUp: true,
      complete: false,
      execution: progress(),
      spans: [],
      artifacts: [],
      ...more,
    },
  });

describe("a trace that is over", () => {
  it("is read page by page, then followed from the first answer's cursor until it is complete", async () => {
    server
      .answer("OpenTrace", () => opened(page([wire("root", null), wire("a", "root")], "after a")))
      .answer("TracePage", ({ after }) => ({
        execution: { spans: page(after === "after a" ? [wire("b", "root")] : []) },
      }));
    open();
    await waitFor(() => expect(followed()?.variables).toEqual({ executionId: "e", after: "c0" }));
    expect(phase()).toBe("loaded");
    expect(known()).toEqual(["root", "a", "b"]);
    expect(store.getState().execution).toMatchObject({ workflowName: "W", rootSpanId: "root" });
    update({ complete: true, spans: [wire("late", "root")] });
    await waitFor(() => expect(known()).toContain("late"));
    expect(store.getState().link.state).toBe("complete");
    expect(followed()).toBeUndefined();
  });

  it("that is not there is said to be missing", async () => {
    server.answer("OpenTrace", () => ({ execution: null }));
    open();
    await waitFor(() => expect(phase()).toBe("missing"));
  });

  it("goes on where reading failed, when asked, and by itself when the server is back", async () => {
    let failures = 2;
    server
      .answer("OpenTrace", () => opened(page([wire("root", null)], "after root")))
      .answer("TracePage", () => {
        failures -= 1;
        if (failures >= 0) throw apiError("TIMEOUT", "it took too long");
        return { execution: { spans: page([wire("a", "root")]) } };
      });
    open();
    await waitFor(() => expect(store.getState().load).toEqual({ phase: "failed", message: "it took too long" }));
    expect(known()).toEqual(["root"]);
    trace.retry();
    await waitFor(() => expect(server.asked("TracePage")).toBe(2));
    await waitFor(() => expect(phase()).toBe("failed"));
    reportReachable(false);
    reportReachable(true);
    await waitFor(() => expect(phase()).toBe("loaded"));
    expect(known()).toEqual(["root", "a"]);
    expect(server.asked("OpenTrace")).toBe(1);
  });

  it("that is deleted between two pages keeps what was read", async () => {
    server
      .answer("OpenTrace", () => opened(page([wire("root", null)], "after root")))
      .answer("TracePage", () => ({ execution: null }));
    open();
    await waitFor(() => expect(phase()).toBe("deleted"));
    expect(known()).toEqual(["root"]);
  });

  it("is let go of when it is closed", async () => {
    server.answer("OpenTrace", () => opened(page([wire("root", null)])));
    open();
    await waitFor(() => expect(followed()).toBeDefined());
    trace.close();
    await waitFor(() => expect(followed()).toBeUndefined());
  });
});

describe("a trace that goes on", () => {
  it("is followed while its pages are read, and the newest state of a span wins", async () => {
    server.answer("OpenTrace", () =>
      opened(page([wire("root", null, { revision: 3 })], "after root"), { status: "RUNNING" }),
    );
    open();
    await waitFor(() => expect(followed()).toBeDefined());
    expect(phase()).toBe("loading");
    update({
      execution: progress({ status: "RUNNING", spanCount: 9 }),
      spans: [wire("root", null, { revision: 2, displayName: "old" }), wire("a", "root")],
    });
    await waitFor(() => expect(known()).toEqual(["root", "a"]));
    expect(store.getState().tree.get(0).displayName).toBe("root");
    expect(store.getState()).toMatchObject({ link: { state: "live" }, execution: { spanCount: 9, workflowName: "W" } });
  });
});

describe("a trace too large to be read as a whole", () => {
  beforeEach(() => {
    server
      .answer("OpenTrace", () => opened(page([wire("root", null)], "after"), { spanCount: READ_WHOLE_UP_TO + 1 }))
      .answer("RootSpans", () => ({ execution: { rootSpans: page([{ ...wire("root", null), childCount: 2 }]) } }))
      .answer("ChildSpans", ({ after }) => ({
        execution: {
          span: {
            childCount: 2,
            children:
              after === null
                ? page([{ ...wire("a", "root"), childCount: 1 }], "after a")
                : page([{ ...wire("b", "root"), childCount: 0 }]),
          },
        },
      }));
  });

  it("is read from its roots down, as far as it is unfolded", async () => {
    open();
    await waitFor(() => expect(phase()).toBe("loaded"));
    expect(server.asked("TracePage")).toBe(0);
    expect(known()).toEqual(["root"]);
    const { tree, readChildren } = store.getState();
    expect(tree.missingChildren(0)).toBe(2);
    readChildren?.("root");
    await waitFor(() => expect(known()).toEqual(["root", "a"]));
    expect(tree.missingChildren(0)).toBe(1);
    readChildren?.("root");
    await waitFor(() => expect(known()).toEqual(["root", "a", "b"]));
    expect(tree.missingChildren(0)).toBe(0);
  });

  it("takes of what changes only what is read anyway", async () => {
    open();
    await waitFor(() => expect(followed()).toBeDefined());
    update({
      spans: [
        wire("root", null, { revision: 2, displayName: "renamed" }),
        wire("hidden", "root"),
        wire("deep", "nobody"),
        wire("other", null),
      ],
    });
    await waitFor(() => expect(known()).toEqual(["root", "other"]));
    expect(store.getState().tree.get(0).displayName).toBe("renamed");
  });

  it("says so when children cannot be read, and reads them when asked again", async () => {
    open();
    await waitFor(() => expect(phase()).toBe("loaded"));
    const { readChildren } = store.getState();
    const children = server.answers.get("ChildSpans");
    server.answer("ChildSpans", () => {
      throw apiError("TIMEOUT", "it took too long");
    });
    readChildren?.("root");
    await waitFor(() => expect(server.asked("ChildSpans")).toBe(1));
    await waitFor(() => {
      if (children) server.answer("ChildSpans", children);
      readChildren?.("root");
      expect(known()).toEqual(["root", "a"]);
    });
  });
});
