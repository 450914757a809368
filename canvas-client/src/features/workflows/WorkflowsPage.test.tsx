import { screen, waitFor, within } from "@testing-library/react";
import { axe } from "@/testing/axe";
import { act } from "react";
import { beforeEach, describe, expect, it } from "vitest";

import { useShortcutDispatch } from "@/app/shortcuts";
import { FakeServer, apiError } from "@/testing/FakeServer";
import { renderAt } from "@/testing/renderApp";

import { WorkflowsPage } from "./WorkflowsPage";

const run = (executionId: string, status: string, durationMs: number | null = 3_010) => ({
  __typename: "Execution",
  id: executionId,
  executionId,
  traceId: "0af7651916cd43dd8448eb211c80319c",
  status,
  queuedAt: new Date().toISOString(),
  durationMs,
});

const workflow = (workflowId: string, name: string, runs: ReturnType<typeof run>[] = []) => ({
  __typename: "Workflow",
  id: workflowId,
  workflowId,
  name,
  external: false,
  recentExecutions: runs,
  stats: {
    executions: runs.length,
    failed: runs.filter(({ status }) => status === "FAILED").length,
    meanDurationMs: runs.length > 0 ? 3_010 : null,
    tokenUsage: { input: 10, output: 2, total: runs.length > 0 ? 12 : 0, costUsd: null },
  },
});

const answered = (...nodes: ReturnType<typeof workflow>[]) => ({
  workflows: { nodes, pageInfo: { hasNextPage: false } },
});

function Page() {
  useShortcutDispatch();
  return <WorkflowsPage />;
}

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
});

describe("the list", () => {
  it("shows how each workflow has been doing", async () => {
    server.answer("Workflows", () =>
      answered(
        workflow("welcome", "Welcome Bot", [run("2", "FAILED"), run("1", "SUCCEEDED")]),
        workflow("idle", "Idle"),
      ),
    );
    const { container } = renderAt("/workflows", <Page />);
    const row = within((await screen.findByText("Welcome Bot")).closest("tr") as HTMLElement);
    const runs = within(row.getByRole("list", { name: "Last runs of Welcome Bot" })).getAllByRole("link");
    expect(runs.map((link) => link.getAttribute("aria-label"))).toEqual([
      expect.stringMatching(/^Succeeded, 3\.01\ss/),
      expect.stringMatching(/^Failed/),
    ]);
    expect(runs[0]).toHaveAttribute("href", "/workflows/welcome/trace?execution=1");
    expect(row.getByText("3.01 s")).toBeInTheDocument();

    const idle = within(screen.getByText("Idle").closest("tr") as HTMLElement);
    expect(idle.queryByText("0")).not.toBeInTheDocument();
    expect(await axe(container)).toEqual([]);
  });

  it("shows a run's new state as soon as it is heard of", async () => {
    server.answer("Workflows", () => answered(workflow("welcome", "Welcome Bot", [run("1", "RUNNING", null)])));
    renderAt("/workflows", <Page />);
    await screen.findByRole("link", { name: /^Running/ });
    await waitFor(() => expect(server.subscriptions).toHaveLength(1));
    act(() => {
      server.emit("ExecutionUpdates", {
        executionUpdates: {
          kind: "CHANGED",
          executionId: "1",
          execution: { ...run("1", "FAILED"), workflow: { workflowId: "welcome" } },
        },
      });
    });
    expect(await screen.findByRole("link", { name: /^Failed/ })).toBeInTheDocument();
  });

  it("moves between the runs with the arrows, with one tab stop", async () => {
    server.answer("Workflows", () =>
      answered(workflow("welcome", "Welcome Bot", [run("2", "FAILED"), run("1", "SUCCEEDED")])),
    );
    const { user } = renderAt("/workflows", <Page />);
    const newest = await screen.findByRole("link", { name: /^Failed/ });
    const older = screen.getByRole("link", { name: /^Succeeded/ });
    expect([older.tabIndex, newest.tabIndex]).toEqual([-1, 0]);
    act(() => newest.focus());
    await user.keyboard("{ArrowLeft}");
    expect(older).toHaveFocus();
  });

  it("asks the server for what is typed, and keeps it in the address", async () => {
    server.answer("Workflows", ({ search }) =>
      search === "" ? answered(workflow("welcome", "Welcome Bot")) : answered(),
    );
    const { user, address } = renderAt("/workflows", <Page />);
    await screen.findByText("Welcome Bot");
    await user.keyboard("/");
    await user.type(screen.getByRole("textbox", { name: "Search the workflows" }), "zzz");
    expect(await screen.findByText("No workflow matches")).toBeInTheDocument();
    expect(address()).toBe("/workflows?search=zzz");
    await user.keyboard("{Escape}");
    expect(await screen.findByText("Welcome Bot")).toBeInTheDocument();
  });

  it("says what to do when there is none, and when it cannot be read", async () => {
    server.answer("Workflows", () => answered());
    const { unmount } = renderAt("/workflows", <Page />);
    expect(await screen.findByText("No workflow yet")).toBeInTheDocument();
    unmount();

    server.answer("Workflows", () => {
      throw apiError("UNAVAILABLE", "The database is away.");
    });
    const { user } = renderAt("/workflows", <Page />);
    expect(await screen.findByRole("alert")).toHaveTextContent("The database is away.");
    server.answer("Workflows", () => answered(workflow("welcome", "Welcome Bot")));
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Welcome Bot")).toBeInTheDocument();
  });
});

describe("importing", () => {
  const file = (name: string, text: string) => new File([text], name);

  it("saves a file and says so", async () => {
    server
      .answer("Workflows", () => answered())
      .answer("SaveWorkflow", () => ({
        saveWorkflow: { workflow: { id: "w", workflowId: "hello", name: "Hello", version: 1 }, problems: [] },
      }));
    const { user } = renderAt("/workflows", <Page />);
    await user.upload(screen.getByLabelText("Files to import"), file("hello.yaml", "nodes: []"));
    expect(await screen.findByText("Hello is saved, version 1.")).toBeInTheDocument();
    expect(server.requests.find(({ name }) => name === "SaveWorkflow")?.variables).toEqual({
      source: 'nodes: []\nid: "hello"\n',
    });
  });

  it("shows problems at their lines", async () => {
    const problems = [{ path: "nodes[0].type", line: 2, column: 9, message: "there is no such type" }];
    server
      .answer("Workflows", () => answered())
      .answer("SaveWorkflow", () => ({ saveWorkflow: { workflow: null, problems } }));
    const { user } = renderAt("/workflows", <Page />);
    await user.upload(
      screen.getByLabelText("Files to import"),
      file("bad.yaml", "id: bad\nnodes: nonsense\nedges: []"),
    );
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByText("Line 2, column 9")).toBeInTheDocument();
    expect(dialog.getByText("nodes: nonsense").closest("[data-wrong]")).not.toBeNull();
    await user.click(dialog.getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("refuses what is far too large without sending it", async () => {
    server.answer("Workflows", () => answered());
    const { user } = renderAt("/workflows", <Page />);
    await user.upload(screen.getByLabelText("Files to import"), file("large.json", "x".repeat(1_000_001)));
    expect(await screen.findByText(/a definition has/)).toBeInTheDocument();
    expect(server.asked("SaveWorkflow")).toBe(0);
  });
});
