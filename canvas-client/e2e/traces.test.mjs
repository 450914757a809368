// Traces of other engines: huge ones, and such as no engine should send.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { send, sendTrace } from "../../scripts/traces.mjs";
import { eventually } from "./support/browser.mjs";
import { useWorld } from "./support/world.mjs";

const MARKUP = `<img src=x onerror="document.title='owned'"> \u202e\u0007 end`;
const began = BigInt(Date.now()) * 1_000_000n;
const at = (milliseconds) => `${began + BigInt(milliseconds) * 1_000_000n}`;

const world = useWorld();

/** Sends spans given as id, parent, name, start and end in milliseconds; resolves with the trace's id. */
async function sendSpans(spans) {
  const traceId = randomBytes(16).toString("hex");
  await send(
    world.url,
    "hostile",
    spans.map(([spanId, parentSpanId, name, start, end]) => ({
      traceId,
      spanId: spanId.padStart(16, "0"),
      parentSpanId: parentSpanId?.padStart(16, "0"),
      name,
      kind: 1,
      startTimeUnixNano: at(start),
      endTimeUnixNano: at(end),
    })),
  );
  return traceId;
}

const tree = (page) => page.getByRole("treegrid");

for (const count of [100, 10_000, 100_000]) {
  test(`a trace of ${count} spans is read to its last row`, () =>
    world.page(async (page) => {
      const traceId = await sendTrace(world.url, `size-${count}`, count);
      await page.goto(`/traces/${traceId}`);
      await tree(page)
        .getByRole("row", { name: /^handle request/ })
        .click();
      // One row is the header.
      await eventually(async () => assert.equal(await tree(page).getAttribute("aria-rowcount"), `${count + 1}`));
      await page.keyboard.press("End");
      await eventually(async () => {
        const row = await page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"));
        assert.equal(row, `${count + 1}`);
      });
      const drawn = await page.evaluate(() => document.querySelectorAll("*").length);
      assert.ok(drawn < 2_500, `${drawn} elements for ${count} spans`);
    }));
}

test("a text and an attribute of 20 MB are shown as far as somebody asks for", () =>
  world.page(async (page) => {
    const line = "All work and no play makes a long text. ".repeat(2);
    const text = `${line}\n`.repeat(20_000_000 / line.length);
    const texts = Array.from({ length: 21 }, (_, place) => ({ stringValue: `${place} ${text.slice(0, 1_000_000)}` }));
    const traceId = randomBytes(16).toString("hex");
    const sendWith = (spanId, name, key, value) =>
      send(world.url, "huge", [
        {
          traceId,
          spanId: spanId.padStart(16, "0"),
          name,
          startTimeUnixNano: at(0),
          endTimeUnixNano: at(9),
          attributes: [{ key, value }],
        },
      ]);
    await sendWith("a", "huge", "one.text", { stringValue: text });
    await sendWith("b", "huge as well", "many.texts", { arrayValue: { values: texts } });
    await page.goto(`/traces/${traceId}?span=${"a".padStart(16, "0")}`);
    const details = page.getByRole("region", { name: "Span details" });
    await details.getByRole("tab", { name: "Attributes" }).click();
    await details.getByRole("button", { name: "Show all: 1.0 MB more" }).click();
    await details.getByRole("region", { name: "one.text" }).press("End");
    await details.getByRole("button", { name: "truncated" }).click();
    await page.getByText(`The whole text had 20 MB.`).waitFor();
    await page.keyboard.press("Escape");

    await page.getByRole("row", { name: /^huge as well/ }).click();
    const texts20 = details.getByRole("tree", { name: "many.texts" });
    await texts20.getByRole("treeitem", { name: /20/ }).last().click();
    await texts20.getByText("Show all:").click();
    await texts20.getByRole("treeitem").filter({ hasText: "All work" }).nth(30).waitFor();
    await details.getByLabel("Filter attributes").fill("no such text");
    await details.getByText("No attribute has this in its key or value").waitFor();
    const drawn = await page.evaluate(() => document.querySelectorAll("*").length);
    assert.ok(drawn < 2_500, `${drawn} elements`);
  }));

test("searches and calls of other engines are shown for what they are", () =>
  world.page(async (page) => {
    const traceId = randomBytes(16).toString("hex");
    const sendWith = (id, name, attributes) =>
      send(world.url, "handbook", [
        {
          traceId,
          spanId: id.padStart(16, "0"),
          name,
          startTimeUnixNano: at(0),
          endTimeUnixNano: at(50),
          attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
        },
      ]);
    await sendWith("a", "search", {
      "openinference.span.kind": "RETRIEVER",
      "retrieval.documents.0.document.id": "page-3",
      "retrieval.documents.0.document.content": "Keep the box.",
    });
    const call = "llm.output_messages.0.message.tool_calls.0.tool_call.function";
    await sendWith("b", "ask", {
      "openinference.span.kind": "LLM",
      "llm.input_messages.0.message.role": "user",
      "llm.input_messages.0.message.content": "What now?",
      "llm.output_messages.0.message.role": "assistant",
      [`${call}.name`]: "cite",
      [`${call}.arguments`]: '{"page":3}',
    });
    await page.goto("/workflows");
    await page
      .getByRole("row", { name: /^handbook/ })
      .getByText("another engine")
      .waitFor();
    await page.getByRole("link", { name: "handbook", exact: true }).click();
    await page.getByText("The spans name no nodes").waitFor();
    await page.getByRole("button", { name: "Open the trace" }).click();
    await tree(page)
      .getByRole("row", { name: /^search/ })
      .click();
    await page.getByRole("list", { name: "Documents" }).getByText("Keep the box.").waitFor();
    await tree(page).getByRole("row", { name: /^ask/ }).click();
    await page.getByText("cite(page: 3)").waitFor();
  }));

test("names are text, whatever is in them", () =>
  world.page(async (page) => {
    const traceId = await sendSpans([
      ["a", undefined, MARKUP, 0, 50],
      ["b", "a", "x".repeat(5_000), 1, 20],
    ]);
    await page.goto(`/traces/${traceId}`);
    const row = tree(page).getByRole("row", { name: /onerror/ });
    await row.waitFor();
    assert.equal(await page.locator("img[src=x]").count(), 0);
    assert.notEqual(await page.title(), "owned");
    const wider = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.equal(wider, 0);
  }));

test("a parent that never comes, parents in a circle and clocks that disagree still make a tree", () =>
  world.page(async (page) => {
    const traceId = await sendSpans([
      ["a", undefined, "root", 0, 100],
      ["b", "a", "before its parent", -40, 30],
      ["c", "a", "ends before it starts", 60, 50],
      ["d", "dead", "orphan", 10, 20],
      ["e", "f", "one of a circle", 30, 40],
      ["f", "e", "the other of the circle", 31, 39],
      ["1", "1", "its own parent", 70, 80],
    ]);
    await page.goto(`/traces/${traceId}`);
    for (const name of [
      "root",
      "before its parent",
      "ends before it starts",
      "orphan",
      "one of a circle",
      "the other of the circle",
      "its own parent",
    ]) {
      await tree(page)
        .getByRole("row", { name: new RegExp(`^${name}`) })
        .waitFor();
    }
    assert.doesNotMatch(await tree(page).innerText(), /-\d+(\.\d+)? ?m?s\b/, "a duration is negative");
  }));

test("first token, events and exceptions are marked on every bar", () =>
  world.page(async (page) => {
    const traceId = randomBytes(16).toString("hex");
    const spanOf = (id, parent, name, more) => ({
      traceId,
      spanId: id.padStart(16, "0"),
      parentSpanId: parent?.padStart(16, "0"),
      name,
      startTimeUnixNano: at(0),
      endTimeUnixNano: at(100),
      ...more,
    });
    const toFirst = { key: "gen_ai.response.time_to_first_chunk", value: { doubleValue: 0.025 } };
    await send(world.url, "marked", [
      spanOf("a", undefined, "ask"),
      spanOf("b", "a", "chat", { attributes: [toFirst], events: [{ name: "retry", timeUnixNano: at(10) }] }),
      spanOf("c", "a", "fetch", { events: [{ name: "exception", timeUnixNano: at(50) }] }),
    ]);
    await page.goto(`/traces/${traceId}?span=${"a".padStart(16, "0")}`);
    const row = (name) => tree(page).getByRole("row", { name });
    const notch = row(/^chat .*first token after 25/).getByTitle(/^first token after 25/);
    await notch.waitFor();
    await row(/^chat .*1\sevent/)
      .getByTitle(/^retry after 10/)
      .waitFor();
    await row(/^fetch .*1\sexception/)
      .getByTitle(/^exception after 50/)
      .waitFor();
    const [mark, cell] = await Promise.all([
      notch.boundingBox(),
      row(/^chat/)
        .getByRole("gridcell", { name: /^starts at/ })
        .boundingBox(),
    ]);
    const share = (mark.x + mark.width / 2 - cell.x) / cell.width;
    assert.ok(share > 0.2 && share < 0.3, `the notch is at ${share} of the time line`);
  }));

test("a reload right after a step keeps it", () =>
  world.page(async (page) => {
    const traceId = await sendSpans([
      ["a", undefined, "root", 0, 100],
      ["b", "a", "child", 10, 90],
    ]);
    await page.goto(`/traces/${traceId}`);
    const child = tree(page).getByRole("row", { name: /^child/ });
    await child.click();
    await page.reload();
    await eventually(async () => assert.equal(await child.getAttribute("aria-selected"), "true"));
  }));
