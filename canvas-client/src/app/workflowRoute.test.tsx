import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter, useLocation } from "react-router";
import { expect, it, test } from "vitest";

import { WorkflowRoutePathContext, tracePath, useWorkflowRoute } from "./workflowRoute";
import type { WorkflowRoutePath } from "./workflowRoute";

const at = (address: string, path: WorkflowRoutePath) =>
  renderHook(
    () => {
      const { pathname, search } = useLocation();
      return { route: useWorkflowRoute(), address: pathname + search };
    },
    {
      wrapper: ({ children }: { readonly children: ReactNode }) => (
        <MemoryRouter initialEntries={[address]}>
          <WorkflowRoutePathContext value={path}>{children}</WorkflowRoutePathContext>
        </MemoryRouter>
      ),
    },
  ).result;

const onTrace = { workflowId: "w", tab: "trace" } as const;

it("reads execution and span, and writes them", () => {
  const result = at("/workflows/w/trace?execution=1&span=a&zoom=2", onTrace);
  expect(result.current.route).toMatchObject({ workflowId: "w", tab: "trace", executionId: "1", spanId: "a" });
  act(() => result.current.route.setSpan("b"));
  expect(result.current.address).toBe("/workflows/w/trace?execution=1&span=b&zoom=2");
  act(() => result.current.route.setExecution("2"));
  expect(result.current.address).toBe("/workflows/w/trace?execution=2&zoom=2");
});

it("keeps the query on another tab, and has no other tab without a workflow", () => {
  const result = at("/workflows/w/trace?execution=1&span=a", onTrace);
  act(() => result.current.route.setTab("canvas"));
  expect(result.current.address).toBe("/workflows/w/canvas?execution=1&span=a");

  const alone = at("/traces/t?span=a", { workflowId: null, tab: "trace", executionId: "1" });
  act(() => alone.current.route.setTab("canvas"));
  expect(alone.current.address).toBe("/traces/t?span=a");
  expect(alone.current.route.executionId).toBe("1");
});

test.each([
  [{ workflowId: "a/b", executionId: "1", traceId: "t" }, "/workflows/a%2Fb/trace?execution=1"],
  [{ workflowId: "w", executionId: "1", traceId: "t", spanId: "s" }, "/workflows/w/trace?execution=1&span=s"],
  [{ workflowId: null, executionId: "1", traceId: "t", spanId: "s" }, "/traces/t?span=s"],
])("the trace of %j is at %s", (target, expected) => {
  expect(tracePath(target)).toBe(expected);
});
