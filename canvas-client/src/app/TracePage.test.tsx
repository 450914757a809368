import { screen, waitFor } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { expect, it } from "vitest";

import { FakeServer } from "@/testing/FakeServer";
import { renderAt } from "@/testing/renderApp";

import { TracePage } from "./TracePage";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

const at = (query: string) =>
  renderAt(
    `/traces/${TRACE_ID}${query}`,
    <Routes>
      <Route path="traces/:traceId" element={<TracePage />} />
      <Route path="*" element={<p>The workflow</p>} />
    </Routes>,
  );

it("leads to the workflow of a trace with all that the link says", async () => {
  new FakeServer().answer("ExecutionOfTrace", () => ({
    executionByTraceId: {
      __typename: "Execution",
      id: "e",
      executionId: "7",
      traceId: TRACE_ID,
      workflow: { __typename: "Workflow", id: "w", workflowId: "welcome" },
    },
  }));
  const { address } = at("?span=00f067aa0ba902b7&view=flame&q=tool");
  await waitFor(() => expect(address()).toContain("/workflows/"));
  const { pathname, searchParams } = new URL(address(), "http://localhost");
  expect(pathname).toBe("/workflows/welcome/trace");
  expect(Object.fromEntries(searchParams)).toEqual({
    execution: "7",
    span: "00f067aa0ba902b7",
    view: "flame",
    q: "tool",
  });
});

it("says that a trace is not known", async () => {
  new FakeServer().answer("ExecutionOfTrace", () => ({ executionByTraceId: null }));
  at("");
  expect(await screen.findByRole("heading", { name: "There is no such trace" })).toBeInTheDocument();
});
