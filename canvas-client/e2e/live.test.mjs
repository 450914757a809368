// A run while it goes on, on the canvas and in its trace, also when the socket is lost.
import assert from "node:assert/strict";
import test from "node:test";
import { eventually, spanInAddress } from "./support/browser.mjs";
import { useWorld } from "./support/world.mjs";

const world = useWorld();

/** Ids of the rows that are drawn. The traces of these tests fit into the window. */
const rowIds = (page) =>
  page.locator("[role=treegrid] [data-span-id]").evaluateAll((rows) => rows.map((row) => row.dataset.spanId));

test("from the canvas to the live trace", () =>
  world.page(async (page) => {
    await page.goto("/workflows");
    await page.getByRole("link", { name: "Long run", exact: true }).click();
    await page.getByRole("button", { name: /^Plan the steps/ }).waitFor();

    await page.getByRole("button", { name: "Run", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Run Long run" });
    await dialog.getByLabel("steps").fill("3");
    await dialog.getByRole("button", { name: "Start" }).click();

    // The graph follows the run: a node runs, and the loop counts.
    await page.getByRole("button", { name: /^Think about it, LLMNode, Running/ }).waitFor();
    await page.getByRole("button", { name: /^Next step, .*, 2\svisits/ }).waitFor();
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();

    // The selected node's span is selected in the trace.
    await page.getByRole("button", { name: /^Plan the steps/ }).click();
    await page.getByRole("button", { name: "Open in Trace" }).click();
    const plan = page.getByRole("row", { name: /^Plan the steps/ });
    await plan.waitFor();
    assert.equal(await plan.getAttribute("aria-selected"), "true");

    // Rows come without a reload, until the run is over and all of them are there.
    const executionId = new URL(page.url()).searchParams.get("execution");
    const early = await rowIds(page);
    await page.getByRole("region", { name: "Summary of the run" }).getByText("Succeeded").waitFor();
    const all = await world.spanIds(executionId);
    assert.ok(early.length < all.length, "the trace was opened after its end");
    await eventually(async () => assert.deepEqual((await rowIds(page)).sort(), [...all].sort()));
    assert.equal(await plan.getAttribute("aria-selected"), "true", "the selection was lost");

    // And back: the span's node is selected on the canvas.
    const last = page.getByRole("row", { name: /^Think about it/ }).last();
    await last.click();
    const spanId = await last.getAttribute("data-span-id");
    await spanInAddress(page, spanId);
    await page.getByRole("tab", { name: "Canvas" }).click();
    await page.locator("[data-node-id=think][aria-pressed=true]").waitFor();
    await page.getByRole("button", { name: /^Think about it, LLMNode, Succeeded, .*, 3\svisits/ }).waitFor();
  }));

test("a node that is chosen before it runs leads to its span once it has", () =>
  world.page(async (page) => {
    const executionId = await world.start("long-run", { steps: 4, seconds: 1 });
    await page.goto(`/workflows/long-run/canvas?execution=${executionId}`);
    await page.getByRole("button", { name: /^Write the report, ArtifactNode/ }).click();
    await page.waitForURL((url) => url.searchParams.has("node") && !url.searchParams.has("span"));
    await page.waitForURL((url) => url.searchParams.has("span"));
    await page.getByRole("button", { name: "Open in Trace" }).click();
    const row = page.getByRole("row", { name: /^Write the report/ });
    await eventually(async () => assert.equal(await row.getAttribute("aria-selected"), "true"));
  }));

test("a lost socket is told, and the trace goes on where it was", () =>
  world.pageByProxy(async (page) => {
    const executionId = await world.start("long-run", { steps: 4, seconds: 1 });
    await page.goto(`/workflows/long-run/trace?execution=${executionId}`);
    await page
      .getByRole("row", { name: /^Wait for the outside world/ })
      .first()
      .waitFor();

    world.proxy.block("sockets");
    await page.getByText("Reconnecting").first().waitFor();
    const before = await rowIds(page);
    await eventually(async () => assert.ok((await world.spanIds(executionId)).length >= before.length + 5));
    assert.deepEqual(await rowIds(page), before, "something came through a blocked socket");

    world.proxy.unblock();
    await eventually(async () => assert.ok((await rowIds(page)).length >= before.length + 5));
    await world.finished(executionId);
    await page.getByRole("region", { name: "Summary of the run" }).getByText("Succeeded").waitFor();
    const all = await world.spanIds(executionId);
    await eventually(async () => assert.deepEqual((await rowIds(page)).sort(), [...all].sort()));
    await page.getByText("Reconnecting").waitFor({ state: "detached" });
  }));

test("the canvas says when it does not know what is going on, and catches up", () =>
  world.pageByProxy(async (page) => {
    const executionId = await world.start("long-run", { steps: 3, seconds: 1 });
    await page.goto(`/workflows/long-run/canvas?execution=${executionId}`);
    await page.getByRole("button", { name: /^Wait for the outside world, DelayNode, Running/ }).waitFor();
    world.proxy.block("sockets");
    await page.getByRole("status").filter({ hasText: "Reconnecting" }).waitFor();
    await world.finished(executionId);
    world.proxy.unblock();
    await page.getByRole("button", { name: /^Write the report, ArtifactNode, Succeeded/ }).waitFor();
    await page.getByRole("button", { name: /^Execution: Succeeded/ }).waitFor();
  }));
