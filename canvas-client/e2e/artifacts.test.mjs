// What a run left behind: seen, and taken away.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { useWorld } from "./support/world.mjs";

const world = useWorld();

test("an artifact is found from its node, previewed and downloaded as it was stored", () =>
  world.page(async (page) => {
    const { executionId } = await world.run("fan-out");
    const { execution } = await world.graphql(
      "query ($id: ID!) { execution(executionId: $id) { artifacts { nodes { name sha256 sizeBytes } } } }",
      { id: executionId },
    );
    const [artifact] = execution.artifacts.nodes;

    await page.goto(`/workflows/fan-out/canvas?execution=${executionId}`);
    await page.getByRole("button", { name: /^Write the invoice/ }).click();
    await page.getByRole("button", { name: "Open in Trace" }).click();
    await page
      .getByRole("tablist", { name: "Details" })
      .getByRole("tab", { name: /^Artifacts/ })
      .click();
    const card = page.getByRole("article", { name: artifact.name });
    await card.getByRole("cell", { name: "Lamp" }).waitFor();

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      card.getByRole("button", { name: `Download ${artifact.name}` }).click(),
    ]);
    assert.equal(download.suggestedFilename(), artifact.name);
    const bytes = readFileSync(await download.path());
    assert.equal(bytes.length, artifact.sizeBytes);
    assert.equal(createHash("sha256").update(bytes).digest("hex"), artifact.sha256);
  }));

test("the trace is downloaded as JSON", () =>
  world.page(async (page) => {
    const { executionId, spanCount } = await world.run("support-triage");
    await page.goto(`/workflows/support-triage/trace?execution=${executionId}`);
    await page.getByRole("row", { name: /^Classify the question/ }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download the trace as JSON" }).click(),
    ]);
    const trace = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.equal(trace.spans.length, spanCount);
  }));
