// Two runs of one workflow beside each other.
import assert from "node:assert/strict";
import test from "node:test";
import { eventually, violations } from "./support/browser.mjs";
import { useWorld } from "./support/world.mjs";

const world = useWorld();

for (const colorScheme of ["light", "dark"]) {
  test(`two runs are compared, and lead to their traces (${colorScheme})`, () =>
    world.page(
      async (page) => {
        const first = await world.run("long-run", { steps: 1, seconds: 0 });
        const second = await world.run("long-run", { steps: 2, seconds: 0 });
        await page.goto(`/workflows/long-run/execution?execution=${second.executionId}`);
        await page.getByRole("button", { name: "Compare" }).click();
        await page.getByRole("menuitem", { name: /^The last success/ }).click();
        await page.waitForURL((url) => url.searchParams.get("compare") === first.executionId);

        const steps = page.getByRole("table", { name: "Steps of both runs" });
        await steps
          .getByRole("row", { name: /^Think about it #2/ })
          .getByText("not run")
          .waitFor();
        await steps
          .getByRole("row", { name: /^Plan the steps/ })
          .getByText(/same|changed/)
          .waitFor();
        assert.deepEqual(await violations(page), []);

        await page.reload();
        const link = steps.getByRole("link", { name: /Think about it in the trace of run B$/ });
        await link.click();
        await page.waitForURL(/\/long-run\/trace/);
        assert.equal(new URL(page.url()).searchParams.get("execution"), first.executionId);
        const row = page.getByRole("row", { name: /^Think about it/ });
        await eventually(async () => assert.equal(await row.getAttribute("aria-selected"), "true"));
        await page.goBack();
        await steps.waitFor();
      },
      { colorScheme },
    ));
}

test("the differences of two runs are in view on a phone", () =>
  world.page(
    async (page) => {
      const first = await world.run("long-run", { steps: 1, seconds: 0 });
      const second = await world.run("long-run", { steps: 2, seconds: 0 });
      await page.goto(`/workflows/long-run/execution?execution=${second.executionId}&compare=${first.executionId}`);
      for (const name of ["The two runs", "Steps of both runs"]) {
        const table = page.getByRole("table", { name });
        for (const column of [/^Difference/, /^A/, /^B/]) {
          const { x, width } = await table.getByRole("columnheader", { name: column }).first().boundingBox();
          assert.ok(x >= 0 && x + width <= 390, `${column} of ${name} reaches from ${x} to ${x + width}`);
        }
      }
      assert.deepEqual(await violations(page), []);
    },
    { viewport: { width: 390, height: 844 }, hasTouch: true },
  ));

test("runs of any range of time, in any of several states", () =>
  world.page(async (page) => {
    const { executionId } = await world.run("welcome");
    await page.goto("/workflows/welcome/execution");
    const run = page.getByRole("option");
    await run.first().waitFor();
    await page.getByRole("button", { name: "Any time" }).click();
    const time = page.getByRole("dialog", { name: "Time" });
    await time.getByLabel("To", { exact: true }).fill("2020-01-01T12:00");
    await page.getByText("No run matches").waitFor();
    assert.deepEqual(await violations(page), []);
    await time.getByLabel("To", { exact: true }).fill("2100-01-01T12:00");
    await time.getByLabel("From").fill("2020-01-01T12:00");
    await run.first().waitFor();
    await page.reload();
    await run.first().waitFor();
    await page.getByRole("button", { name: "Any status" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Failed" }).click();
    await page.getByText("No run matches").waitFor();
    await page.getByRole("menuitemcheckbox", { name: "Succeeded" }).click();
    await run.first().waitFor();
    assert.equal(await run.first().getAttribute("data-execution-id"), executionId);
    const { searchParams } = new URL(page.url());
    assert.equal(searchParams.get("runFrom"), await page.evaluate(() => new Date("2020-01-01T12:00").toISOString()));
  }));
