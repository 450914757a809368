import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { act } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { WorkflowRoutePathContext } from "@/app/workflowRoute";
import { FakeServer, apiError } from "@/testing/FakeServer";
import { axe } from "@/testing/axe";
import { renderAt } from "@/testing/renderApp";

import { ExecutionTab } from "./ExecutionTab";
import { aRun, anUpdate } from "./testing";

const details = (executionId: string, over: Parameters<typeof aRun>[1] = {}) => ({
  __typename: "Execution",
  ...aRun(executionId, over),
  threadId: null,
  inputs: { name: "Ada" },
  outputs: { greeting: "Hello Ada" },
  artifacts: { nodes: [], pageInfo: { hasNextPage: false } },
  externalLinks: [],
});

const page = (...ids: string[]) => ({
  executions: { nodes: ids.map((id) => aRun(id)), pageInfo: { hasNextPage: false, endCursor: null } },
});

const noSpans = { execution: { cursor: "c", spans: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } } };

const renderTab = (query = "") =>
  renderAt(
    `/workflows/welcome/execution${query}`,
    <WorkflowRoutePathContext value={{ workflowId: "welcome", tab: "execution" }}>
      <ExecutionTab />
    </WorkflowRoutePathContext>,
  );

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
  server
    .answer("Executions", () => page("3", "2", "1"))
    .answer("ExecutionDetails", ({ executionId }) => ({ execution: details(String(executionId)) }))
    .answer("LogSpans", () => noSpans);
  // The rows in view are worked out from the size of the list.
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(400);
});

const options = async () => (await screen.findAllByRole("option")).map((option) => option.dataset.executionId);

describe("the runs", () => {
  it("are listed newest first, and the newest is shown", async () => {
    const { container, address } = renderTab();
    expect(await options()).toEqual(["3", "2", "1"]);
    await waitFor(() => expect(address()).toContain("execution=3"));
    expect(await screen.findByText('"Hello Ada"')).toBeInTheDocument();
    expect(await axe(container)).toEqual([]);
  });

  it("are gone through with the arrows", async () => {
    const { user, address } = renderTab("?execution=3");
    await options();
    act(() => screen.getByRole("listbox", { name: "Runs" }).focus());
    await user.keyboard("{ArrowDown}");
    expect(address()).toContain("execution=2");
    await user.keyboard("{End}");
    expect(address()).toContain("execution=1");
    await user.keyboard("{Home}");
    expect(screen.getByRole("option", { selected: true })).toHaveAttribute("data-execution-id", "3");
  });

  it("are told of as they come, change and go", async () => {
    renderTab("?execution=3");
    await options();
    await waitFor(() => expect(server.subscriptions.some(({ name }) => name === "ExecutionUpdates")).toBe(true));
    act(() =>
      server.emit("ExecutionUpdates", { executionUpdates: anUpdate("CREATED", aRun("4", { status: "RUNNING" })) }),
    );
    await waitFor(async () => expect(await options()).toEqual(["4", "3", "2", "1"]));
    act(() => server.emit("ExecutionUpdates", { executionUpdates: anUpdate("DELETED", aRun("2")) }));
    await waitFor(async () => expect(await options()).toEqual(["4", "3", "1"]));
  });

  it("are filtered by what the address says, and the address by the menu", async () => {
    const { user, address } = renderTab("?execution=3&runStatus=failed");
    await options();
    expect(server.requests.find(({ name }) => name === "Executions")?.variables.filter).toEqual({
      workflowId: "welcome",
      status: ["FAILED"],
    });
    await user.click(screen.getByRole("button", { name: "Failed" }));
    await user.click(screen.getByRole("menuitemcheckbox", { name: /Running/ }));
    expect(address()).toContain("runStatus=failed%2Crunning");
    // The menu stays open for another one.
    await user.click(screen.getByRole("menuitemcheckbox", { name: /Cancelled/ }));
    expect(address()).toContain("cancelled");
  });

  it("are filtered by a range of time, once it is one", async () => {
    const { user, address, baseElement } = renderTab("?execution=3&runSince=24h");
    await user.click(await screen.findByRole("button", { name: "Last 24 hours" }));
    const time = within(screen.getByRole("dialog", { name: "Time" }));
    expect(time.getByRole("radio", { name: "Last 24 hours" })).toBeChecked();
    expect(await axe(baseElement)).toEqual([]);
    fireEvent.change(time.getByLabelText("From"), { target: { value: "2026-01-02T10:00" } });
    fireEvent.change(time.getByLabelText("To"), { target: { value: "2026-01-02T09:00" } });
    expect(time.getByRole("alert")).toHaveTextContent("The end has to be after the beginning.");
    expect(address()).not.toContain("runTo");
    fireEvent.change(time.getByLabelText("To"), { target: { value: "2026-01-02T11:00" } });
    const [queuedSince, queuedBefore] = ["2026-01-02T10:00", "2026-01-02T11:00"].map((local) =>
      new Date(local).toISOString(),
    );
    await waitFor(() =>
      expect(server.requests.at(-1)).toMatchObject({
        name: "Executions",
        variables: { filter: { queuedSince, queuedBefore } },
      }),
    );
    expect(address()).not.toContain("runSince");
    await user.click(time.getByRole("radio", { name: "Any time" }));
    expect(address()).not.toMatch(/runFrom|runTo/);
    expect(time.getByLabelText("From")).toHaveValue("");
  });

  it("that do not match leave a way back", async () => {
    server.answer("Executions", ({ filter }) => ("status" in (filter as object) ? page() : page("1")));
    const { user } = renderTab("?execution=1&runStatus=failed");
    await user.click(await screen.findByRole("button", { name: "Show all runs" }));
    expect(await options()).toEqual(["1"]);
  });
});

describe("a run", () => {
  it("that failed says why", async () => {
    const error = { code: "SCRIPT_FAILED", message: "card declined", nodeId: "charge" };
    server.answer("ExecutionDetails", () => ({ execution: details("3", { status: "FAILED", error }) }));
    renderTab("?execution=3");
    const banner = within(await screen.findByRole("region", { name: "Error" }));
    expect(banner.getByText("card declined")).toBeInTheDocument();
    expect(banner.getByText("charge")).toBeInTheDocument();
  });

  it("is deleted only when asked twice", async () => {
    server.answer("DeleteExecution", () => ({ deleteExecution: { deletedExecutionId: "opaque 3" } }));
    const { user } = renderTab("?execution=3");
    await user.click(await screen.findByRole("button", { name: "Delete the run" }));
    const dialog = screen.getByRole("dialog", { name: "Delete this run?" });
    expect(within(dialog).getByRole("button", { name: "Keep it" })).toHaveFocus();
    expect(server.asked("DeleteExecution")).toBe(0);
    await user.click(within(dialog).getByRole("button", { name: "Delete" }));
    expect(await screen.findByText(/The run is deleted/)).toBeInTheDocument();
    expect(server.requests.find(({ name }) => name === "DeleteExecution")?.variables).toEqual({ executionId: "3" });
  });

  it("that runs can be cancelled, and says when it could not be", async () => {
    server
      .answer("ExecutionDetails", () => ({ execution: details("3", { status: "RUNNING", durationMs: null }) }))
      .answer("CancelExecution", () => {
        throw apiError("CONFLICT", "it has just ended");
      });
    const { user } = renderTab("?execution=3");
    expect(screen.queryByRole("button", { name: "Delete the run" })).not.toBeInTheDocument();
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    expect(await screen.findByText("The run was not cancelled: it has just ended")).toBeInTheDocument();
  });

  it("that is not there says so and leads back", async () => {
    server.answer("ExecutionDetails", () => ({ execution: null }));
    const { user, address } = renderTab("?execution=nope");
    await user.click(await screen.findByRole("button", { name: "Back to the runs" }));
    await waitFor(() => expect(address()).not.toContain("nope"));
  });

  it("that is deleted elsewhere says so", async () => {
    renderTab("?execution=3");
    await screen.findByText('"Hello Ada"');
    await waitFor(() => expect(server.subscriptions.length).toBeGreaterThan(1));
    act(() => server.emit("ExecutionUpdates", { executionUpdates: anUpdate("DELETED", aRun("3")) }));
    expect(await screen.findByText("This run was deleted")).toBeInTheDocument();
  });

  it("writes its log, also of what comes later", async () => {
    const span = {
      spanId: "a",
      revision: 1,
      displayName: "Greet",
      category: "NODE",
      nodeType: null,
      state: "RUNNING",
      status: { code: "UNSET", message: null },
      startOffsetMs: 5,
      durationMs: null,
      attempt: null,
      iteration: null,
      events: [],
    };
    server.answer("LogSpans", () => ({
      execution: { cursor: "c7", spans: { nodes: [span], pageInfo: { hasNextPage: false, endCursor: null } } },
    }));
    renderTab("?execution=3");
    const log = within(await screen.findByRole("log"));
    expect(log.getByText("started")).toBeInTheDocument();
    expect(log.getByRole("link", { name: "Greet" })).toHaveAttribute(
      "href",
      "/workflows/welcome/trace?execution=3&span=a",
    );
    await waitFor(() => expect(server.subscriptions.some(({ name }) => name === "LogUpdates")).toBe(true));
    expect(server.subscriptions.find(({ name }) => name === "LogUpdates")?.variables).toEqual({
      executionId: "3",
      after: "c7",
    });
    const ended = { ...span, revision: 2, state: "ENDED", durationMs: 7 };
    act(() => server.emit("LogUpdates", { traceUpdates: { cursor: "c8", complete: false, spans: [ended] } }));
    expect(await log.findByText("ended after 7.0 ms")).toBeInTheDocument();
  });
});
