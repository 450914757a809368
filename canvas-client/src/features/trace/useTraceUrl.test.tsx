import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Link, MemoryRouter, useLocation, useNavigate } from "react-router";

import { useWorkflowRoute } from "@/app";
import { WorkflowRoutePathContext } from "@/app/workflowRoute";

import { applySpans } from "./model/applySpans";
import { span } from "./model/testing";
import { createTraceStore, type TraceStore } from "./store";
import { useTraceUrl } from "./useTraceUrl";

const [FIRST, SECOND] = ["00000000000000aa", "00000000000000bb"];

function Trace({ store }: { readonly store: TraceStore }) {
  useTraceUrl(store);
  const { setTab } = useWorkflowRoute();
  return <button onKeyDown={() => setTab("canvas")}>Canvas</button>;
}

function Page({ store }: { readonly store: TraceStore }) {
  const { pathname, search } = useLocation();
  const navigate = useNavigate();
  const isTrace = pathname.endsWith("/trace");
  return (
    <WorkflowRoutePathContext value={{ workflowId: "w", tab: isTrace ? "trace" : "canvas" }}>
      {isTrace && <Trace store={store} />}
      <Link to="/workflows">Workflows</Link>
      <button onClick={() => void navigate(-1)}>Back</button>
      <output>{pathname + search}</output>
    </WorkflowRoutePathContext>
  );
}

function setUp(query = "") {
  const store = createTraceStore("e");
  const { tree } = store.getState();
  applySpans(tree, [span(FIRST, null, { durationMs: 50 }), span(SECOND, FIRST, { startMs: 5, durationMs: 20 })]);
  store.setState({ version: tree.version, originMs: 0, load: { phase: "loaded" } });
  render(
    <MemoryRouter initialEntries={[`/workflows/w/trace?execution=e${query}`]}>
      <Page store={store} />
    </MemoryRouter>,
  );
  return { store, user: userEvent.setup(), address: () => screen.getByRole("status").textContent };
}

describe("the address of the trace that is shown", () => {
  afterEach(() => void vi.useRealTimers());

  it("follows the reader, and going back comes from it", async () => {
    const { store, user, address } = setUp();
    act(() => store.getState().selectSpan(SECOND));
    expect(address()).toBe("/workflows/w/trace?execution=e");
    await waitFor(() => expect(address()).toBe(`/workflows/w/trace?execution=e&span=${SECOND}`));
    await user.click(screen.getByRole("button", { name: "Back" }));
    expect(store.getState().selectedId).toBeNull();
  });

  it("follows a step at once, for a reload keeps what it says, and the steps of one go are one entry", () => {
    vi.useFakeTimers();
    const step = (ms: number) =>
      act(() => {
        vi.advanceTimersByTime(ms);
      });
    const { store, address } = setUp();
    act(() => store.getState().selectSpan(SECOND, { byReader: false }));
    step(0);
    expect(address()).toBe("/workflows/w/trace?execution=e");
    act(() => store.getState().selectSpan(FIRST));
    step(0);
    expect(address()).toBe(`/workflows/w/trace?execution=e&span=${FIRST}`);
    act(() => store.getState().selectSpan(SECOND));
    step(0);
    expect(address()).toBe(`/workflows/w/trace?execution=e&span=${FIRST}`);
    step(250);
    expect(address()).toBe(`/workflows/w/trace?execution=e&span=${SECOND}`);
    fireEvent.click(screen.getByRole("button", { name: "Back" }));
    expect(address()).toBe("/workflows/w/trace?execution=e");
  });

  it("is written before the page goes into the background", () => {
    const { store, address } = setUp();
    act(() => store.getState().selectSpan(SECOND));
    fireEvent(document, new Event("visibilitychange"));
    expect(address()).toBe(`/workflows/w/trace?execution=e&span=${SECOND}`);
  });

  it("is written before another tab takes it over", () => {
    const { store, address } = setUp();
    act(() => {
      store.getState().selectSpan(SECOND);
      store.getState().setZoom({ startMs: 5, endMs: 25 });
    });
    fireEvent.keyDown(screen.getByRole("button", { name: "Canvas" }), { key: "1" });
    expect(address()).toBe(`/workflows/w/canvas?execution=e&from=5&to=25&span=${SECOND}`);
  });

  it("is written before a link leads away, so that back leads to it", async () => {
    const { store, user, address } = setUp();
    act(() => store.getState().selectSpan(SECOND));
    await user.click(screen.getByRole("link", { name: "Workflows" }));
    expect(address()).toBe("/workflows");
    await user.click(screen.getByRole("button", { name: "Back" }));
    expect(address()).toBe(`/workflows/w/trace?execution=e&span=${SECOND}`);
  });

  it("is left as it is when there is nothing to write", () => {
    const { address } = setUp(`&from=1&to=2&span=${FIRST}&other=7`);
    fireEvent.keyDown(screen.getByRole("button", { name: "Canvas" }), { key: "1" });
    expect(address()).toBe(`/workflows/w/canvas?execution=e&from=1&to=2&span=${FIRST}&other=7`);
  });
});
