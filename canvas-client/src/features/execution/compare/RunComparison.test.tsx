import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";

import { WorkflowRoutePathContext } from "@/app/workflowRoute";
import { FakeServer } from "@/testing/FakeServer";
import { axe } from "@/testing/axe";
import { renderAt } from "@/testing/renderApp";

import { ExecutionTab } from "../ExecutionTab";
import { aRun } from "../testing";

const span = (executionId: string, nodeId: string, durationMs: number, tokens = 0) => ({
  spanId: `${nodeId}${executionId}`,
  parentSpanId: null,
  displayName: nodeId,
  category: "NODE",
  nodeId,
  nodeType: null,
  attempt: 1,
  iteration: 1,
  state: "ENDED",
  status: { code: executionId === "3" && nodeId === "charge" ? "ERROR" : "OK" },
  durationMs,
  tokenUsage: { input: tokens, output: 0 },
});

const RUNS = {
  "3": aRun("3", { status: "FAILED", durationMs: 1_500 }),
  "2": aRun("2", { status: "FAILED" }),
  "1": aRun("1", { durationMs: 1_000 }),
};

const SPANS: Readonly<Record<string, readonly ReturnType<typeof span>[]>> = {
  "3": [span("3", "ask", 1_000, 300), span("3", "charge", 500)],
  "1": [span("1", "ask", 900, 100), span("1", "receipt", 100)],
};

const tab = (query: string) =>
  renderAt(
    `/workflows/welcome/execution${query}`,
    <WorkflowRoutePathContext value={{ workflowId: "welcome", tab: "execution" }}>
      <ExecutionTab />
    </WorkflowRoutePathContext>,
  );

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
  const pageInfo = { hasNextPage: false, endCursor: null };
  server
    .answer("Executions", () => ({ executions: { nodes: Object.values(RUNS).reverse(), pageInfo } }))
    .answer("ExecutionDetails", ({ executionId }) => ({
      execution: {
        __typename: "Execution",
        ...RUNS[executionId as keyof typeof RUNS],
        threadId: null,
        inputs: {},
        outputs: {},
        artifacts: { nodes: [], pageInfo },
        externalLinks: [],
      },
    }))
    .answer("LogSpans", () => ({ execution: { cursor: "c", spans: { nodes: [], pageInfo } } }))
    .answer("ComparedRun", ({ executionId }) => ({
      execution:
        SPANS[executionId as string] === undefined
          ? null
          : {
              __typename: "Execution",
              ...RUNS[executionId as keyof typeof RUNS],
              spans: { nodes: SPANS[executionId as string], pageInfo },
            },
    }))
    .answer("ComparedOutputs", ({ executionId }) => ({
      execution: {
        __typename: "Execution",
        id: `opaque ${executionId as string}`,
        spans: { nodes: (SPANS[executionId as string] ?? []).map(({ spanId }) => ({ spanId, output: executionId })) },
      },
    }));
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(400);
});

const cells = (name: RegExp) => {
  const table = within(screen.getByRole("table", { name: "Steps of both runs" }));
  return within(table.getByRole("row", { name }))
    .getAllByRole("cell")
    .map((cell) => cell.textContent.replaceAll("\u00a0", " "));
};

it("sets a run beside the last success before it, step by step", async () => {
  const { user, address, baseElement } = tab("?execution=3");
  await user.click(await screen.findByRole("button", { name: "Compare" }));
  await user.click(screen.getByRole("menuitem", { name: /^The last success/ }));
  expect(address()).toContain("execution=3&compare=1");
  await screen.findByText("changed");
  expect(cells(/^ask/)).toEqual([
    "ask",
    "Succeeded",
    "Succeeded",
    "1.00 s: ask in the trace of run A",
    "900 ms: ask in the trace of run B",
    "−100 ms",
    "300",
    "100",
    "−200",
    "changed",
  ]);
  expect(cells(/^charge/).slice(1, 3)).toEqual(["Failed", "not run"]);
  expect(cells(/^receipt/).slice(1, 3)).toEqual(["not run", "Succeeded"]);
  const sums = within(screen.getByRole("table", { name: "The two runs" }));
  expect(within(sums.getByRole("row", { name: /^Difference/ })).getByText(/^−500\sms$/)).toBeInTheDocument();
  expect(screen.getByRole("link", { name: /ask in the trace of run B$/ })).toHaveAttribute(
    "href",
    "/workflows/welcome/trace?execution=1&span=ask1",
  );
  expect(await axe(baseElement)).toEqual([]);
});

it("comes from the address, is turned round, and ends", async () => {
  const { user, address } = tab("?execution=3&compare=1");
  await screen.findByText("changed");
  await user.click(screen.getByRole("button", { name: "Swap" }));
  expect(address()).toContain("execution=1&compare=3");
  await waitFor(() => expect(cells(/^ask/)[5]).toBe("+100 ms"));
  await user.click(screen.getByRole("button", { name: "Stop comparing" }));
  expect(address()).not.toContain("compare");
  expect(await screen.findByRole("region", { name: "Selected run" })).toBeInTheDocument();
});

it("says which run is not there", async () => {
  const { user, address } = tab("?execution=3&compare=nope");
  expect(await screen.findByText("nope")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Stop comparing" }));
  expect(address()).not.toContain("compare");
});

it("shows the differences of times first where there is little room", async () => {
  const matchMedia = window.matchMedia.bind(window);
  vi.spyOn(window, "matchMedia").mockImplementation((query) =>
    Object.assign(matchMedia(query), { matches: query === "(width < 768px)" }),
  );
  const { baseElement } = tab("?execution=3&compare=1");
  await screen.findByText("changed");
  expect(cells(/^ask/).slice(0, 4)).toEqual([
    "ask",
    "−100 ms",
    "Succeeded1.00 s: ask in the trace of run A",
    "Succeeded900 ms: ask in the trace of run B",
  ]);
  expect(cells(/^charge/).slice(1, 4)).toEqual(["", "Failed500 ms: charge in the trace of run A", "not run"]);
  const sums = within(screen.getByRole("table", { name: "The two runs" }));
  expect(sums.getByRole("columnheader", { name: "B Trace of run B" })).toBeInTheDocument();
  expect(within(sums.getByRole("row", { name: /^Duration/ })).getByText(/^−500\sms$/)).toBeInTheDocument();
  expect(await axe(baseElement)).toEqual([]);
});

it.each([
  [{ spanCount: 1_001 }, "Outputs are compared in runs of up to 1,000 spans."],
  [{ status: "RUNNING" }, "Outputs are compared once both runs are over."],
])("says why outputs are not compared: %j", async (more, note) => {
  const told = server.answers.get("ComparedRun");
  server.answer("ComparedRun", (variables) => {
    const answer = told?.(variables) as { execution: object };
    return { execution: { ...answer.execution, ...more } };
  });
  tab("?execution=3&compare=1");
  expect(await screen.findByText(note)).toBeInTheDocument();
  expect(screen.queryByRole("columnheader", { name: "Output" })).not.toBeInTheDocument();
});
