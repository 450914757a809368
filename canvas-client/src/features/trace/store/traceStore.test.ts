import { applySpans } from "../model/applySpans";
import { groupKey, toDepth } from "../model/expansion";
import { failure, span } from "../model/testing";
import { hitsOf, matchesOf, rowsOf } from "./rows";
import { boundsOf } from "./selectors";
import { createTraceStore, type TraceStore } from "./traceStore";

function storeOf(...spans: Parameters<typeof applySpans>[1]): TraceStore {
  const store = createTraceStore("e");
  add(store, ...spans);
  return store;
}

function add(store: TraceStore, ...spans: Parameters<typeof applySpans>[1]): void {
  const { tree } = store.getState();
  applySpans(tree, spans);
  store.setState({ version: tree.version, originMs: 0 });
}

const steps = Array.from({ length: 20 }, (_, at) => span(`s${at}`, "root", { displayName: "step", startMs: at }));
const deep = span("deep", "s7", { startMs: 7.5 });

function shows(store: TraceStore, spanId: string): boolean {
  const state = store.getState();
  return rowsOf(state).rowOf(state.tree.indexOf(spanId)) >= 0;
}

describe("selecting a span", () => {
  it("unfolds what hides it when it is to be revealed", () => {
    const store = storeOf(span("root", null), ...steps, deep);
    store.getState().change({ expansion: toDepth(0) });
    store.getState().selectSpan("deep");
    expect(shows(store, "deep")).toBe(false);
    store.getState().selectSpan("deep", { reveal: true });
    expect(shows(store, "deep")).toBe(true);
    expect(store.getState().reveals).toBe(1);
    expect(store.getState().expansion.overrides.get(groupKey("root", "step", null))).toBe(true);
  });

  it("ends following the newest span", () => {
    const store = storeOf(span("root", null));
    store.getState().change({ following: true });
    store.getState().selectSpan("root");
    expect(store.getState().following).toBe(false);
  });
});

describe("an update", () => {
  it("leaves folds, selection and search as they are", () => {
    const store = storeOf(span("root", null), ...steps, deep);
    store.getState().setFolds(["s7"], false);
    store.getState().selectSpan("root");
    store.getState().change({ search: "step" });
    const { expansion } = store.getState();
    add(store, span("s20", "root", { displayName: "step", startMs: 20, ...failure }));
    expect(store.getState()).toMatchObject({ expansion, selectedId: "root", search: "step" });
    expect(hitsOf(store.getState())?.order).toHaveLength(21);
  });
});

describe("rows", () => {
  it("are the same object until something that decides them changes", () => {
    const store = storeOf(span("root", null), ...steps);
    const rows = rowsOf(store.getState());
    store.getState().change({ timeMode: "absolute", following: true });
    expect(rowsOf(store.getState())).toBe(rows);
    store.getState().change({ sort: "duration" });
    expect(rowsOf(store.getState())).not.toBe(rows);
  });

  it("are faded by the search and hidden only on request", () => {
    const store = storeOf(span("root", null), span("a", "root", { displayName: "refund" }), span("b", "root"));
    store.getState().change({ search: "refund" });
    expect(matchesOf(store.getState())).toBeNull();
    expect(rowsOf(store.getState()).length).toBe(3);
    store.getState().change({ onlyHits: true });
    expect(rowsOf(store.getState()).length).toBe(2);
  });

  it("show what the server found in values", () => {
    const store = storeOf(span("root", null), span("a", "root"));
    store.getState().change({ search: "parcel" });
    expect(hitsOf(store.getState())?.order).toHaveLength(0);
    store.setState({ found: { text: "parcel", spanIds: new Set(["a"]), cut: false } });
    expect(hitsOf(store.getState())?.order).toHaveLength(1);
    store.getState().change({ search: "parcels" });
    expect(hitsOf(store.getState())?.order).toHaveLength(0);
  });
});

describe("the time that is shown", () => {
  it("is never empty, and all of it when nothing is zoomed", () => {
    const store = storeOf(span("root", null, { startMs: 5, durationMs: 0 }));
    const { startMs, endMs } = boundsOf(store.getState());
    expect(endMs).toBeGreaterThan(startMs);
    store.getState().setZoom({ startMs: startMs - 1, endMs: endMs + 1 });
    expect(store.getState().zoom).toBeNull();
  });

  it("grows in steps while something runs, so that bars stay where they are", () => {
    const running = { state: "RUNNING", durationMs: null } as const;
    const store = storeOf(span("root", null, running));
    store.setState({ originMs: Date.now() - 1_300 });
    const { endMs } = boundsOf(store.getState());
    expect(endMs).toBeCloseTo(1_562.5);
    store.setState({ originMs: Date.now() - 1_400 });
    expect(boundsOf(store.getState()).endMs).toBe(endMs);
  });
});
