import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";

import { FakeServer, apiError } from "@/testing/FakeServer";
import { axe } from "@/testing/axe";
import { renderAt } from "@/testing/renderApp";

import { StartRunDialog } from "./StartRunDialog";

let server: FakeServer;

const workflow = (inputs: object | undefined, external = false) => ({
  workflow: {
    __typename: "Workflow",
    id: "w",
    workflowId: "welcome",
    name: "Welcome Bot",
    external,
    version: 1,
    definition: { inputs },
  },
});

const open = (path = "/workflows") => renderAt(path, <StartRunDialog workflowId="welcome" onClose={() => undefined} />);

const started = () => server.requests.find(({ name }) => name === "StartExecution")?.variables;

beforeEach(() => {
  server = new FakeServer();
  server
    .answer("WorkflowInputs", () => workflow({ name: "Ada", count: 2, polite: false, tags: ["a"] }))
    .answer("StartExecution", () => ({ startExecution: { execution: { id: "e", executionId: "9", traceId: "t" } } }));
});

it("asks for each input by its type and starts the run", async () => {
  const { user, address } = open();
  const name = await screen.findByRole("textbox", { name: "name" });
  expect(name).toHaveFocus();
  await user.clear(name);
  await user.type(name, "Grace");
  await user.click(screen.getByRole("checkbox", { name: "polite" }));
  await user.keyboard("{Enter}");
  await user.click(screen.getByRole("button", { name: "Start" }));
  await waitFor(() =>
    expect(started()).toEqual({
      workflowId: "welcome",
      inputs: { name: "Grace", count: 2, polite: true, tags: ["a"] },
    }),
  );
  await waitFor(() => expect(address()).toBe("/workflows/welcome/trace?execution=9"));
});

it("stays on the tab of the workflow's page", async () => {
  const { user, address } = open("/workflows/welcome/canvas?execution=1&span=a");
  await user.click(await screen.findByRole("button", { name: "Start" }));
  await waitFor(() => expect(address()).toBe("/workflows/welcome/canvas?execution=9"));
});

it("does not start with what is no number or no JSON, and goes to the field", async () => {
  const { user } = open();
  const count = await screen.findByRole("textbox", { name: /count/ });
  await user.clear(count);
  await user.click(screen.getByRole("button", { name: "Start" }));
  expect(screen.getByText("This is not a number.")).toBeInTheDocument();
  expect(count).toHaveFocus();
  expect(count).toBeInvalid();
  expect(server.asked("StartExecution")).toBe(0);
});

it("shows the same values as JSON and takes them back", async () => {
  const { user, baseElement } = open();
  await screen.findByRole("textbox", { name: "name" });
  await user.click(screen.getByRole("tab", { name: "JSON" }));
  const json = await screen.findByRole("textbox", { name: /Inputs/ });
  expect(JSON.parse((json as HTMLTextAreaElement).value)).toEqual({
    name: "Ada",
    count: 2,
    polite: false,
    tags: ["a"],
  });
  await user.clear(json);
  await user.type(json, "[[1]");
  await user.click(screen.getByRole("tab", { name: "Form" }));
  expect(screen.getByText(/have to be an object/)).toBeInTheDocument();
  await user.clear(json);
  await user.type(json, '{{"name": "Lin"}');
  await user.click(screen.getByRole("tab", { name: "Form" }));
  expect(await screen.findByRole("textbox", { name: "name" })).toHaveValue("Lin");
  expect(await axe(baseElement)).toEqual([]);
});

it("tells what the server says against it", async () => {
  server.answer("StartExecution", () => {
    throw apiError("BAD_USER_INPUT", "name: too long");
  });
  const { user } = open();
  await user.click(await screen.findByRole("button", { name: "Start" }));
  expect(await screen.findByText("name: too long")).toBeInTheDocument();
  expect(screen.getByRole("dialog")).toBeInTheDocument();
});

it("does not offer to start what another engine runs", async () => {
  server.answer("WorkflowInputs", () => workflow({}, true));
  open();
  const dialog = within(await screen.findByRole("dialog"));
  expect(await dialog.findByText("Another engine runs this workflow")).toBeInTheDocument();
  expect(dialog.queryByRole("button", { name: "Start" })).not.toBeInTheDocument();
});
