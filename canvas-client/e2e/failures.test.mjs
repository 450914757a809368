// What went wrong is said, with what to do about it; no page is ever blank.
import assert from "node:assert/strict";
import test from "node:test";
import { eventually } from "./support/browser.mjs";
import { useWorld } from "./support/world.mjs";

const NO_SUCH = "01890000-0000-7000-8000-000000000000";

const broken = {
  id: "broken",
  name: "Broken",
  nodes: [
    { name: "first", type: "SetVariableNode", variables: { a: 1 } },
    {
      name: "divide",
      type: "JavaScriptSandboxNode",
      display_name: "Divide by nothing",
      script: 'throw new Error("nothing to divide by")',
    },
    { name: "after", type: "SetVariableNode", variables: { b: 2 } },
  ],
  edges: [
    ["START", "first"],
    ["first", "divide"],
    ["divide", "after"],
  ],
};

const world = useWorld(({ save }) => save(broken));

test("a failed run shows where and why, on the canvas and in the trace", () =>
  world.page(async (page) => {
    const { executionId, error } = await world.run("broken");
    assert.equal(error.code, "SCRIPT_FAILED");
    await page.goto(`/workflows/broken/canvas?execution=${executionId}`);
    await page.getByRole("button", { name: /^after, SetVariableNode, Not run/ }).waitFor();
    await page.getByRole("button", { name: /^Divide by nothing, .*, Failed/ }).click();
    await page.getByRole("alert").getByText("nothing to divide by").waitFor();

    await page.goto(`/workflows/broken/trace?execution=${executionId}`);
    // The first error is what one came for.
    const row = page.getByRole("row", { name: /^Divide by nothing/ });
    await row.waitFor();
    await eventually(async () => assert.equal(await row.getAttribute("aria-selected"), "true"));
    await page.getByRole("region", { name: "Failure" }).getByText("nothing to divide by").waitFor();
  }));

test("an execution, a workflow, a trace and a page that are not there", () =>
  world.page(async (page) => {
    const places = [
      [`/workflows/welcome/trace?execution=${NO_SUCH}`, "There is no such execution"],
      [`/workflows/welcome/canvas?execution=${NO_SUCH}`, "There is no such execution"],
      ["/workflows/welcome/trace?execution=not-an-id&span=zz&zoom=x", "There is no such execution"],
      ["/workflows/welcome/canvas?version=99", "There is no version 99"],
      ["/workflows/nothing-here/canvas", "There is no such workflow"],
      ["/traces/00000000000000000000000000000001", "There is no such trace"],
      ["/traces/not-hexadecimal", "This is no trace id"],
      ["/workflows/welcome/nothing", "There is no such page"],
    ];
    for (const [path, text] of places) {
      await page.goto(path);
      await page.getByRole("main").getByText(text).first().waitFor();
    }
  }));

test("an execution that is deleted while it is looked at", () =>
  world.page(async (page) => {
    const remove = (id) =>
      world.graphql("mutation ($id: ID!) { deleteExecution(input: { executionId: $id }) { deletedExecutionId } }", {
        id,
      });
    const { executionId } = await world.run("welcome");
    await page.goto(`/workflows/welcome/trace?execution=${executionId}`);
    await page.getByRole("row", { name: /^Greet the user/ }).waitFor();
    await remove(executionId);
    await page.reload();
    await page.getByText("There is no such execution").waitFor();

    const { executionId: running } = await (async () => {
      const id = await world.start("long-run", { steps: 30, seconds: 1 });
      await page.goto(`/workflows/long-run/trace?execution=${id}`);
      await page
        .getByRole("row", { name: /^Next step/ })
        .first()
        .waitFor();
      await world.graphql(
        "mutation ($id: ID!) { cancelExecution(input: { executionId: $id }) { execution { status } } }",
        { id },
      );
      return world.finished(id);
    })();
    await remove(running);
    await page
      .getByRole("main")
      .getByText(/deleted/)
      .first()
      .waitFor();
    // What was read stays.
    await page
      .getByRole("row", { name: /^Next step/ })
      .first()
      .waitFor();
  }));

test("a server that goes away: the banner says so, and what was asked for comes when it is back", () =>
  world.pageByProxy(async (page) => {
    await page.goto("/workflows/welcome/canvas");
    await page.getByRole("button", { name: /^Greet the user/ }).waitFor();
    await page.getByRole("link", { name: "Workflows", exact: true }).click();
    const link = page.getByRole("link", { name: "Support triage", exact: true });
    await link.waitFor();
    world.proxy.block("everything");
    await link.click();
    await page.getByRole("alert").getByText("The server cannot be reached.", { exact: true }).waitFor();
    await page.getByText("The workflow cannot be shown").waitFor();

    world.proxy.unblock();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("button", { name: /^Classify the question/ }).waitFor();
    await page.getByText("The server cannot be reached.", { exact: true }).waitFor({ state: "detached" });
  }));

test("a part of the page that cannot be loaded", () =>
  world.pageByProxy(async (page) => {
    await page.goto("/workflows");
    const link = page.getByRole("link", { name: "Welcome Bot", exact: true });
    await link.waitFor();
    world.proxy.block("everything");
    await link.click();
    await page.getByText("This part could not be loaded").waitFor();
    world.proxy.unblock();
    await page.getByRole("button", { name: "Reload the page" }).click();
    await page.getByRole("button", { name: /^Greet the user/ }).waitFor();
  }));
