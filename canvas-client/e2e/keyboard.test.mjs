// The whole way with the keyboard alone.
import assert from "node:assert/strict";
import test from "node:test";
import { eventually, spanInAddress } from "./support/browser.mjs";
import { useWorld } from "./support/world.mjs";

const world = useWorld();

/** Presses Tab until `locator` has the focus. */
async function tabTo(page, locator, key = "Tab") {
  await locator.waitFor();
  for (let presses = 0; presses < 60; presses += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${locator} is not reached with ${key}`);
}

const focused = (page) =>
  page.evaluate(
    () => document.activeElement?.getAttribute("data-node-id") ?? document.activeElement?.getAttribute("data-span-id"),
  );

test("from the list over the graph to a span, and back", () =>
  world.page(async (page) => {
    const { executionId } = await world.run("support-triage");
    await page.goto("/workflows");
    await tabTo(page, page.getByRole("link", { name: "Support triage", exact: true }));
    await page.keyboard.press("Enter");

    await tabTo(page, page.getByRole("button", { name: /^Classify the question/ }));
    await page.keyboard.press("PageDown");
    assert.equal(await focused(page), "is_urgent");
    await page.keyboard.press("End");
    assert.equal(await focused(page), "file_ticket");
    await page.keyboard.press("Home");
    assert.equal(await focused(page), "classify");
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("button", { name: "Open in Trace" }));
    await page.keyboard.press("Enter");

    const row = page.getByRole("row", { name: /^Classify the question/ });
    await row.waitFor();
    assert.equal(new URL(page.url()).searchParams.get("execution"), executionId);
    await tabTo(page, row);
    // Into the open row, and on.
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const next = page.getByRole("row", { name: /^Urgent\?/ });
    await eventually(async () => assert.equal(await next.getAttribute("aria-selected"), "true"));
    const spanId = await next.getAttribute("data-span-id");
    await spanInAddress(page, spanId);

    await page.keyboard.press("Alt+1");
    await page.locator("[data-node-id=is_urgent][aria-pressed=true]").waitFor();
  }));

test("in the trace: help from a row, the panels, and a range on the axis", () =>
  world.page(async (page) => {
    await world.run("support-triage");
    await page.goto("/workflows/support-triage/trace");
    const row = page.locator("[role=treegrid] [role=row][tabindex='0']");
    await tabTo(page, row);
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.getByRole("region", { name: "On the axis of times" }).getByText("Zoom to the range").waitFor();
    await page.keyboard.press("Escape");
    await eventually(async () =>
      assert.equal(await row.evaluate((element) => element === document.activeElement), true),
    );

    const details = page.getByRole("region", { name: "Span details" });
    await page.keyboard.press("]");
    await details.waitFor({ state: "hidden" });
    await page.keyboard.press("]");
    await details.waitFor();
    await page.keyboard.press("[");
    await page.getByRole("dialog", { name: "Recent runs" }).waitFor();
    await page.keyboard.press("Escape");

    const axis = page.getByRole("slider", { name: "Range of time to zoom to" });
    await tabTo(page, axis, "Shift+Tab");
    await page.keyboard.press("PageUp");
    await page.keyboard.press("Shift+ArrowRight");
    assert.match(await axis.getAttribute("aria-valuetext"), /, \d+\sspans?/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/[?&]from=.*&to=/);
    await page.getByRole("button", { name: "Show all of the time" }).waitFor();

    // The same with the pointer.
    await page.keyboard.press("0");
    await page.waitForURL((url) => !url.searchParams.has("from"));
    const box = await axis.boundingBox();
    await page.mouse.move(box.x + box.width / 4, box.y + 9);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 9);
    await axis.getByText(/, \d+\sspans?/).waitFor();
    await page.mouse.up();
    await page.waitForURL(/[?&]from=.*&to=/);
  }));

test("the palette and the list of keys open, close, and give the focus back", () =>
  world.page(async (page) => {
    await page.goto("/workflows/welcome/canvas");
    const node = page.getByRole("button", { name: /^Greet the user/ });
    await tabTo(page, node);
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await help.getByText("Show the whole graph").waitFor();
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
    assert.equal(await focused(page), "greet_user");

    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await page.keyboard.type("Open the Trace tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/welcome\/trace/);
  }));

test("the definition is written and saved, and Tab leads out of it", () =>
  world.page(async (page) => {
    await world.save({
      id: "typed",
      name: "Typed",
      nodes: [{ name: "a", type: "DelayNode" }],
      edges: [["START", "a"]],
    });
    await page.goto("/workflows/typed/canvas?view=definition");
    const editor = page.getByRole("textbox", { name: "Definition of Typed" });
    await editor.waitFor();
    await editor.focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await page.keyboard.insertText("id: typed\nname: Typed\nnodes: [{name: a, type: DelayNod}]\nedges: [[START, a]]\n");
    await page.keyboard.press("Control+s");
    const problem = page.getByRole("button", { name: /3:\d+ .*did you mean `DelayNode`/ });
    await tabTo(page, problem);
    await page.keyboard.press("Enter");
    assert.equal(await editor.evaluate((element) => element.getRootNode().activeElement === element), true);
    // The place of the problem is where the cursor is now.
    for (let presses = 0; presses < "DelayNod".length; presses += 1) await page.keyboard.press("Delete");
    await page.keyboard.insertText("DelayNode");
    await page.keyboard.press("Control+s");
    await page.getByText("Version 2, saved").waitFor();
    await page.getByText("Unsaved changes").waitFor({ state: "detached" });

    await page.getByRole("button", { name: /^Version 2/ }).click();
    await page.getByRole("menuitemcheckbox", { name: /^Version 1/ }).click();
    await page.getByRole("button", { name: "Restore this version" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).waitFor();
    await page.getByText("Version 1, saved").waitFor();
    const { workflow } = await world.graphql('{ workflow(workflowId: "typed") { version } }');
    assert.equal(workflow.version, 1);
  }));
