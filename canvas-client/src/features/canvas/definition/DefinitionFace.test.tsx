import { CombinedError } from "@urql/core";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { Provider } from "urql";
import type { Client } from "urql";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromValue } from "wonka";

import { WorkflowRoutePathContext } from "@/app/workflowRoute";
import { useToasts } from "@/ui/toast";

import type { CanvasWorkflow, Definition } from "../api/useDefinition";
import { writeDraft } from "../drafts";
import { DefinitionFace } from "./DefinitionFace";

// The editor itself needs a browser; the end-to-end tests have one.
vi.mock("./CodeEditor", () => ({
  CodeEditor: (props: { label: string; value: string; readOnly: boolean; onChange: (text: string) => void }) => (
    <textarea
      aria-label={props.label}
      value={props.value}
      readOnly={props.readOnly}
      onChange={(event) => props.onChange(event.target.value)}
    />
  ),
}));

const SOURCE = "id: hello\nnodes: []\n";

const workflow = (version: number): CanvasWorkflow => ({
  id: "opaque",
  workflowId: "hello",
  name: "Hello",
  version,
  definition: {},
  source: SOURCE,
  external: false,
  updatedAt: "2026-01-01T00:00:00Z",
});

const definition = (version: number, source = SOURCE): Definition => ({
  version,
  definition: {},
  source,
  createdAt: "2026-01-01T00:00:00Z",
});

const saved = (version: number) => ({ saveWorkflow: { workflow: workflow(version), problems: [] } });

const refused = {
  saveWorkflow: {
    workflow: null,
    problems: [{ path: "nodes", line: 2, column: 8, message: "there are no nodes" }],
  },
};

function show(answer: { data?: unknown; error?: CombinedError }, shown = definition(2), current = 2) {
  const executeMutation = vi.fn(() => fromValue(answer));
  const client = { executeMutation, executeQuery: vi.fn() } as unknown as Client;
  render(
    <MemoryRouter initialEntries={["/workflows/hello/canvas"]}>
      <Provider value={client}>
        <WorkflowRoutePathContext value={{ workflowId: "hello", tab: "canvas" }}>
          <DefinitionFace workflow={workflow(current)} definition={shown} />
        </WorkflowRoutePathContext>
      </Provider>
    </MemoryRouter>,
  );
  const sources = () =>
    executeMutation.mock.calls.map(
      (call) => (call as unknown as [{ variables: { source: string } }])[0].variables.source,
    );
  return { user: userEvent.setup(), sources };
}

const editor = () => screen.getByRole("textbox", { name: "Definition of Hello" });
const save = () => screen.getByRole("button", { name: "Save" });

beforeEach(() => {
  useToasts.setState({ toasts: [] });
});

afterEach(() => {
  cleanup();
  writeDraft("hello", null);
});

describe("DefinitionFace", () => {
  it("saves what was edited, and then has nothing unsaved", async () => {
    const { user, sources } = show({ data: saved(3) });
    expect(save()).toBeDisabled();
    await user.type(editor(), "name: Hi");
    expect(screen.getByText("Unsaved changes")).toBeVisible();
    await user.click(save());
    expect(sources()).toEqual([`${SOURCE}name: Hi`]);
    await waitFor(() => expect(screen.queryByText("Unsaved changes")).not.toBeInTheDocument());
    expect(useToasts.getState().toasts[0]?.text).toBe("Saved. Version 3 of Hello is the current one.");
  });

  it("lists what the server found wrong, and keeps the text", async () => {
    const { user } = show({ data: refused });
    await user.type(editor(), "name: Hi");
    await user.click(save());
    expect(await screen.findByRole("button", { name: /2:8 there are no nodes/ })).toBeVisible();
    expect(editor()).toHaveValue(`${SOURCE}name: Hi`);
    expect(screen.getByText("Unsaved changes")).toBeVisible();
  });

  it("says so when the server cannot be reached", async () => {
    const { user } = show({ error: new CombinedError({ networkError: new Error("gone") }) });
    await user.type(editor(), "name: Hi");
    await user.click(save());
    await waitFor(() => expect(useToasts.getState().toasts[0]?.tone).toBe("error"));
    expect(screen.getByText("Unsaved changes")).toBeVisible();
  });

  it("tells what is no YAML while it is typed", async () => {
    const { user } = show({});
    await user.type(editor(), 'edges: "open');
    expect(screen.getByRole("region", { name: "Problems" })).toHaveTextContent("problem");
  });

  it("keeps an edited text when the page is left, until it is discarded", async () => {
    const { user } = show({});
    await user.type(editor(), "name: Hi");
    const leave = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(leave);
    expect(leave.defaultPrevented).toBe(true);
    await user.click(screen.getByRole("button", { name: "Discard" }));
    expect(editor()).toHaveValue(SOURCE);
    const again = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(again);
    expect(again.defaultPrevented).toBe(false);
  });

  it("says when another version was saved meanwhile", () => {
    writeDraft("hello", { base: 1, text: "id: hello\n" });
    show({});
    expect(screen.getByText(/Version 2 was saved while you edited version 1/)).toBeVisible();
    expect(editor()).toHaveValue("id: hello\n");
  });

  it("shows an older version read-only, and restores it", async () => {
    const old = "id: hello\nname: Old\nnodes: []\n";
    const { user, sources } = show({ data: saved(1) }, definition(1, old));
    expect(editor()).toHaveAttribute("readonly");
    expect(screen.queryByRole("button", { name: "Save" })).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Restore this version" }));
    expect(sources()).toEqual([old]);
  });
});
