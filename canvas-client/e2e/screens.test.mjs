// Every screen in both themes, wide and narrow: axe finds nothing, and nothing sticks out.
import assert from "node:assert/strict";
import test from "node:test";
import { violations } from "./support/browser.mjs";
import { useWorld } from "./support/world.mjs";

const runs = {};

const world = useWorld(async ({ run }) => {
  for (const id of ["support-triage", "fan-out", "research-agent"]) runs[id] = (await run(id)).executionId;
});

/** Address, and what is there when the screen is ready. */
const screens = () => [
  ["/workflows", (page) => page.getByRole("link", { name: "Fan out and join", exact: true })],
  ["/workflows/fan-out/canvas", (page) => page.getByRole("button", { name: /^Write the invoice, .*Succeeded/ })],
  [
    `/workflows/fan-out/canvas?execution=${runs["fan-out"]}&node=price_orders`,
    (page) => page.getByRole("region", { name: "Node Price each order" }),
  ],
  ["/workflows/fan-out/canvas?view=definition", (page) => page.getByRole("textbox", { name: /^Definition of/ })],
  [
    `/workflows/support-triage/execution?execution=${runs["support-triage"]}`,
    (page) => page.getByRole("region", { name: "Selected run" }).getByText("Succeeded").first(),
  ],
  [
    `/workflows/research-agent/trace?execution=${runs["research-agent"]}`,
    (page) => page.getByRole("row", { name: /^Research the question/ }),
  ],
  ...["flame", "tokens", "artifacts", "events"].map((view) => [
    `/workflows/research-agent/trace?execution=${runs["research-agent"]}&view=${view}`,
    (page) => page.getByRole("button", { name: new RegExp(`^${view}`, "i"), pressed: true }),
  ]),
  ["/workflows/fan-out/nothing", (page) => page.getByText("There is no such page")],
];

/** The page itself does not scroll sideways: what is wider scrolls inside of it. */
const overhang = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const colorScheme of ["light", "dark"]) {
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ]) {
    test(`screens, ${colorScheme}, ${width} pixels wide`, () =>
      world.page(
        async (page) => {
          const found = [];
          for (const [path, ready] of screens()) {
            await page.goto(path);
            await ready(page).waitFor();
            for (const violation of await violations(page)) found.push(`${path} ${violation}`);
            if ((await overhang(page)) > 0) found.push(`${path} is wider than its window`);
          }
          assert.deepEqual(found, []);
        },
        { colorScheme, viewport: { width, height }, hasTouch: width < 768 },
      ));
  }
}

test("dialogs", () =>
  world.page(async (page) => {
    const found = [];
    await page.goto("/workflows/fan-out/canvas");
    await page.getByRole("button", { name: /^Write the invoice/ }).waitFor();
    for (const open of [
      () => page.keyboard.press("?"),
      () => page.keyboard.press("Control+k"),
      () => page.getByRole("button", { name: "Run", exact: true }).click(),
    ]) {
      await open();
      await page.getByRole("dialog").waitFor();
      found.push(...(await violations(page)));
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    assert.deepEqual(found, []);
  }));

test("on a phone one gets from a workflow to a span and back", () =>
  world.page(
    async (page) => {
      await page.goto("/workflows/support-triage/canvas");
      await page.getByRole("button", { name: /^Draft the reply/ }).tap();
      await page.getByRole("button", { name: "Open in Trace" }).tap();
      await page.getByRole("row", { name: /^Draft the reply/ }).waitFor();
      await page.getByRole("tab", { name: "Canvas" }).tap();
      await page.locator("[data-node-id=write_reply][aria-pressed=true]").waitFor();
    },
    { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  ));

test("a phone reaches every tool of a trace", () =>
  world.page(
    async (page) => {
      await page.goto("/workflows/support-triage/trace");
      await page.getByRole("treegrid").waitFor();
      for (const name of [
        /^Filter/,
        "Fold and unfold",
        "Sort, times and zoom",
        /^Copy a link/,
        /^Download the trace/,
      ]) {
        const box = await page.getByRole("button", { name }).first().boundingBox();
        assert.ok(box && box.x >= 0 && box.x + box.width <= 390, String(name));
      }
    },
    { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  ));
