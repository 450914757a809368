import { screen, waitFor, within } from "@testing-library/react";
import { act } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { useConnection, useSession } from "@/graphql";
import { currentSession, reportUnauthenticated } from "@/graphql/session";
import { FakeServer } from "@/testing/FakeServer";
import { axe } from "@/testing/axe";
import { renderAt } from "@/testing/renderApp";

import { AppShell } from "./AppShell";
import { useShortcuts } from "./shortcuts";

function Page({ run = () => undefined }: { readonly run?: () => void }) {
  useShortcuts("Trace", [{ id: "next-error", keys: "e", label: "Next error", run }]);
  return <p>The page</p>;
}

const shell = (run?: () => void) =>
  renderAt(
    "/workflows",
    <AppShell>
      <Page {...(run && { run })} />
    </AppShell>,
    { hasToasts: true },
  );

let server: FakeServer;

beforeEach(() => {
  useSession.setState(useSession.getInitialState());
  useConnection.setState(useConnection.getInitialState());
  server = new FakeServer();
  server.answer("PalettePlaces", ({ search }) => ({
    workflows: {
      nodes: search ? [] : [{ __typename: "Workflow", id: "w", workflowId: "welcome", name: "Welcome Bot" }],
    },
    executions: { nodes: [] },
  }));
});

describe("the session", () => {
  it("is asked for on a server with a token, and opened with the right one", async () => {
    server.session = { required: true, authenticated: false };
    const { user, baseElement } = shell();
    const token = await screen.findByLabelText("Access token");
    expect(screen.queryByText("The page")).not.toBeInTheDocument();
    expect(await axe(baseElement)).toEqual([]);
    await user.type(token, "wrong{Enter}");
    expect(await screen.findByText("This is not the access token of this server.")).toBeInTheDocument();
    await user.clear(token);
    await user.type(token, "right{Enter}");
    expect(await screen.findByText("The page")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Sign out" }));
    expect(await screen.findByLabelText("Access token")).toHaveFocus();
  });

  it("that ends keeps the page behind the sign-in", async () => {
    server.session = { required: true, authenticated: true };
    const { user } = shell();
    await waitFor(() => expect(useSession.getState().state).toBe("open"));
    act(() => reportUnauthenticated(currentSession()));
    const dialog = within(screen.getByRole("dialog", { name: "Your session has ended" }));
    expect(screen.getByText("The page")).toBeInTheDocument();
    await user.type(dialog.getByLabelText("Access token"), "right{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  });
});

describe("a server that is down", () => {
  it("is told of, and of its return", async () => {
    server.isDown = true;
    const { user } = shell();
    expect(await screen.findByRole("alert")).toHaveTextContent("The server cannot be reached.");
    expect(screen.getByText("The page")).toBeInTheDocument();
    server.isDown = false;
    await user.click(screen.getByRole("button", { name: "Try now" }));
    await waitFor(() => expect(screen.queryByRole("alert")).not.toBeInTheDocument());
    expect(useConnection.getState().recoveries).toBe(1);
  });
});

describe("the help", () => {
  it("lists what works here and gives the focus back", async () => {
    const { user } = shell();
    const opener = screen.getByRole("button", { name: "Keyboard shortcuts" });
    opener.focus();
    await user.keyboard("?");
    const dialog = within(await screen.findByRole("dialog", { name: "Keyboard shortcuts" }));
    expect(within(dialog.getByRole("region", { name: "Trace" })).getByText("Next error")).toBeInTheDocument();
    await user.click(dialog.getByRole("button", { name: "Close" }));
    expect(opener).toHaveFocus();
  });

  it("turns off the shortcuts of one character, and on again", async () => {
    const run = vi.fn();
    const { user } = shell(run);
    const opener = screen.getByRole("button", { name: "Keyboard shortcuts" });
    const turn = async () => {
      await user.click(opener);
      await user.click(await screen.findByRole("checkbox", { name: /^Characters alone are shortcuts/ }));
      await user.click(screen.getByRole("button", { name: "Close" }));
    };
    await turn();
    await user.keyboard("e");
    expect(run).not.toHaveBeenCalled();
    await user.keyboard("{Control>}k{/Control}");
    expect(await screen.findByRole("combobox")).toBeInTheDocument();
    await user.keyboard("{Escape}");
    await turn();
    await user.keyboard("e");
    expect(run).toHaveBeenCalledOnce();
  });
});

describe("the palette", () => {
  it("runs commands of the page", async () => {
    const run = vi.fn();
    const { user, baseElement } = shell(run);
    await user.keyboard("{Control>}k{/Control}");
    const input = await screen.findByRole("combobox");
    expect(input).toHaveFocus();
    expect(await axe(baseElement)).toEqual([]);
    await user.keyboard("next err{Enter}");
    expect(run).toHaveBeenCalledOnce();
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("goes to workflows", async () => {
    const { user, address } = shell();
    await user.click(screen.getByRole("button", { name: "Go to…" }));
    await user.click(await screen.findByRole("option", { name: /Welcome Bot/ }));
    expect(address()).toBe("/workflows/welcome/canvas");
  });

  it("goes to a trace by its id", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    server.answer("ExecutionByAnyId", () => ({
      executionByTraceId: { __typename: "Execution", id: "e", executionId: "7", traceId, workflow: null },
    }));
    const { user, address } = shell();
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("combobox"), traceId);
    await user.click(await screen.findByRole("option", { name: /Open the trace of run 7/ }));
    expect(address()).toBe(`/traces/${traceId}`);
  });
});

it("remembers the theme and applies it to the document", async () => {
  const { user } = shell();
  await user.click(screen.getByRole("button", { name: "Theme" }));
  await user.click(screen.getByRole("menuitemcheckbox", { name: /Dark/ }));
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(localStorage.getItem("orcheo-trace:theme")).toBe('"dark"');
});
