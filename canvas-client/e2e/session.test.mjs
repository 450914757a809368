// A server that asks for a token, and a session that ends in the middle of the work.
import assert from "node:assert/strict";
import test from "node:test";
import { eventually, violations } from "./support/browser.mjs";
import { useWorld } from "./support/world.mjs";

const TOKEN = "an access token for tests";
const world = useWorld(() => undefined, { ORCHEO_TRACE_TOKEN: TOKEN });

const signIn = async (page) => {
  await page.getByLabel("Access token").fill(TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
};

/** Starts a run with the page's own session. */
async function startLongRun(page, steps) {
  const answer = await page.request.post("/api/workflows/long-run/executions", {
    headers: { origin: new URL(page.url()).origin },
    data: { steps, seconds: 1 },
  });
  assert.ok(answer.ok(), await answer.text());
  return answer.headers().location.split("/").at(-1);
}

test("the address is kept over the sign-in", () =>
  world.page(async (page) => {
    await page.goto("/workflows/welcome/canvas?face=text");
    await signIn(page);
    await page.getByRole("main").getByRole("tab", { name: "Canvas" }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/workflows/welcome/canvas");
    await page.reload();
    await page.getByRole("tab", { name: "Canvas" }).waitFor();
    assert.equal(await page.getByLabel("Access token").count(), 0, "the session did not outlive a reload");
  }));

test("a session that ends in the middle of a live trace", () =>
  world.pageByProxy(async (page, context) => {
    await page.goto("/workflows");
    await signIn(page);
    await page.getByRole("link", { name: "Long run", exact: true }).waitFor();
    const executionId = await startLongRun(page, 6);
    await page.goto(`/workflows/long-run/trace?execution=${executionId}`);
    const plan = page.getByRole("row", { name: /^Plan the steps/ });
    await plan.click();
    await page.keyboard.press("f");
    await eventually(() => assert.match(page.url(), /span=.*from=|from=.*span=/));
    const address = page.url();
    const rows = page.locator("[role=treegrid] [data-span-id]");

    await context.clearCookies();
    world.proxy.block("sockets");
    world.proxy.unblock();
    const dialog = page.getByRole("dialog", { name: "Your session has ended" });
    await dialog.waitFor();
    assert.deepEqual(await violations(page), []);
    const before = await rows.count();
    await signIn(page);
    await dialog.waitFor({ state: "detached" });
    assert.equal(page.url(), address);
    assert.equal(await plan.getAttribute("aria-selected"), "true");
    await eventually(async () => assert.ok((await rows.count()) > before, "the feed did not go on"));
    await page.getByText("Reconnecting").first().waitFor({ state: "detached" });

    // What is asked for without a session is answered when there is one again.
    await context.clearCookies();
    await page
      .getByRole("row", { name: /^Think about it/ })
      .first()
      .click();
    await dialog.waitFor();
    await signIn(page);
    await dialog.waitFor({ state: "detached" });
    const details = page.getByRole("region", { name: "Span details" });
    await details.getByRole("tab", { name: "Input" }).waitFor();
    await page.getByRole("region", { name: "Summary of the run" }).getByText("Succeeded").waitFor();
    assert.equal(await page.getByText(/cannot be read|could be read/).count(), 0);
  }));
