// The Trace tab in Chromium, on the built product: how soon it answers, how it scrolls, what it weighs.
import { existsSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { chromium } from "../canvas-client/node_modules/playwright-core/index.mjs";
import { graphql, start, withDirectory } from "../scripts/program.mjs";
import { growTrace, send, sendTrace } from "../scripts/traces.mjs";

const BINARY = process.env.ORCHEO_TRACE_BINARY ?? "target/release/orcheo-trace";
const SIZES = (process.env.ORCHEO_TRACE_BENCH_SPANS ?? "100,10000,100000").split(",").map(Number);
const GOALS = { 100: 300, 10_000: 1_000, 100_000: 3_000 };
const VISITS = 5;
const ROW = "[role=treegrid] [data-span-id]";
const CHROMIUM = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const share = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

function row(work, value, unit, goal) {
  const verdict = goal === undefined ? "" : `goal <= ${goal} ${unit}: ${value <= goal ? "met" : "missed"}`;
  console.log(`${work.padEnd(62)} ${value.toFixed(value < 10 ? 1 : 0).padStart(9)} ${unit.padEnd(3)} ${verdict}`);
}

/** Where the execution of a trace is shown, on the tab beside the one that is measured. */
async function beside(url, traceId) {
  const { executionByTraceId: found } = await graphql(
    url,
    "query ($id: String!) { executionByTraceId(traceId: $id) { executionId spanCount workflow { workflowId } } }",
    { id: traceId },
  );
  return { page: `${url}/workflows/${found.workflow.workflowId}/execution?execution=${found.executionId}`, spans: found.spanCount };
}

/**
 * Milliseconds from the click to the end of the first frame without anything to wait for: rows are there, and a key moves the
 * selection or the focus within the next frames.
 */
const clickToInteractive = (page) =>
  page.evaluate(async (rows) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const tab = [...document.querySelectorAll("[role=tab]")].find((tab) => tab.textContent.trim().startsWith("Trace"));
    const began = performance.now();
    tab.focus();
    tab.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, button: 0 }));
    tab.click();
    while (!document.querySelector(rows)) await frame();
    let before = performance.now();
    // The first two frames in a row that are on time.
    for (let calm = 0; calm < 2; ) {
      await frame();
      const now = performance.now();
      calm = now - before < 50 ? calm + 1 : 0;
      before = now;
    }
    return before - began;
  }, ROW);

/** Lengths of the frames while `work` goes on. */
async function frames(page, work) {
  await page.evaluate(() => {
    window.frameLengths = [];
    let last = performance.now();
    const tick = (now) => {
      window.frameLengths.push(now - last);
      last = now;
      window.frameRequest = requestAnimationFrame(tick);
    };
    window.frameRequest = requestAnimationFrame(tick);
  });
  await work();
  return page.evaluate(() => {
    cancelAnimationFrame(window.frameRequest);
    return window.frameLengths.slice(1);
  });
}

/** Resolves when all spans have arrived. */
async function loaded(page) {
  await page.waitForFunction(() => !/\bof\b.*\bloaded\b/.test(document.body.innerText), undefined, { timeout: 60_000, polling: 250 });
}

async function ofSize(browser, url, count) {
  const traceId = await sendTrace(url, `bench-${count}`, count);
  const { page: address, spans } = await beside(url, traceId);
  if (spans !== count) throw new Error(`${spans} of ${count} spans are stored`);
  const times = [];
  for (let visit = 0; visit < VISITS; visit += 1) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(address, { waitUntil: "networkidle" });
    times.push(await clickToInteractive(page));
    if (visit === VISITS - 1) {
      row(`${count} spans: click to interactive, median of ${VISITS}`, median(times), "ms", GOALS[count]);
      await loaded(page);
      await page.mouse.move(400, 600);
      const scrolled = await frames(page, async () => {
        for (let step = 0; step < 40; step += 1) {
          await page.mouse.wheel(0, 400);
          await page.waitForTimeout(16);
        }
      });
      row(`${count} spans: scrolling, 95th percentile of frames`, share(scrolled, 0.95), "ms");
      row(`${count} spans: scrolling, longest frame`, Math.max(...scrolled), "ms", 50);
      // The details of the selected span are code of their own, which is loaded first.
      await page.locator(ROW).first().focus();
      await page.keyboard.press("Home");
      await page.waitForLoadState("networkidle");
      await page.waitForTimeout(500);
      const folded = await frames(page, async () => {
        for (const key of ["ArrowLeft", "ArrowRight", "ArrowLeft", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowRight"]) {
          await page.keyboard.press(key);
          await page.waitForTimeout(100);
        }
      });
      row(`${count} spans: folding and unfolding, longest frame`, Math.max(...folded), "ms", 50);
      const session = await context.newCDPSession(page);
      await session.send("HeapProfiler.collectGarbage");
      await session.send("Performance.enable");
      const { metrics } = await session.send("Performance.getMetrics");
      const metric = (name) => metrics.find((metric) => metric.name === name).value;
      row(`${count} spans: heap`, metric("JSHeapUsedSize") / 1e6, "MB", 400);
      row(`${count} spans: nodes of the document`, await page.evaluate(() => document.querySelectorAll("*").length), "", 2_500);
    }
    await context.close();
  }
}

/** Keys pressed while a run grows by 1,000 spans a second. */
async function live(browser, url) {
  const traceId = randomBytes(16).toString("hex");
  const growing = growTrace(url, "bench-live", traceId, 1_000, 12);
  let found;
  for (;;) {
    found = await beside(url, traceId).catch(() => undefined);
    if (found) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(found.page.replace("/execution?", "/trace?"));
  await page.waitForSelector(ROW);
  await page.locator(ROW).first().focus();
  await page.evaluate(() => {
    window.inputDelays = [];
    addEventListener("keydown", (event) => window.inputDelays.push(performance.now() - event.timeStamp), { capture: true });
  });
  for (let press = 0; press < 40; press += 1) {
    await page.keyboard.press(press % 2 ? "ArrowUp" : "ArrowDown");
    await page.waitForTimeout(150);
  }
  const delays = await page.evaluate(() => window.inputDelays);
  await growing;
  row("live, 1,000 spans a second: input delay, 95th percentile", share(delays, 0.95), "ms");
  row("live, 1,000 spans a second: input delay, longest", Math.max(...delays), "ms", 100);
  await page.close();
}

async function firstLoad(browser, url) {
  const traceId = await sendTrace(url, "bench-first-load", 50);
  const { page: address } = await beside(url, traceId);
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  const files = new Set();
  session.on("Network.responseReceived", ({ requestId, response }) => {
    const { pathname } = new URL(response.url);
    if (pathname.startsWith("/assets/") || response.mimeType === "text/html") files.add(requestId);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (files.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(address.replace("/execution?", "/trace?"), { waitUntil: "networkidle" });
  await page.waitForSelector(ROW);
  row("first load of the Trace route, over the wire", bytes / 1e3, "kB", 300);
  await context.close();
}

if (!CHROMIUM) throw new Error("Chromium was not found; set CHROMIUM to its program");
await withDirectory(async (directory) => {
  const server = await start(BINARY, ["serve", "--listen", "127.0.0.1:0", "--data-dir", join(directory, "data")], {
    ORCHEO_TRACE_LOG: "warn",
    ORCHEO_TRACE_OTLP_GRPC_LISTEN: "127.0.0.1:0",
  });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
  try {
    // The first request of a process pays for what the others share.
    await send(server.url, "bench-warm", []);
    await firstLoad(browser, server.url);
    for (const size of SIZES) await ofSize(browser, server.url, size);
    await live(browser, server.url);
  } finally {
    await browser.close();
    await server.stop();
  }
});
