// How fast redaction is, whether hostile texts slow it down, and what share it has of taking traces in.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { start, withDirectory } from "../scripts/program.mjs";

const BINARY = process.env.ORCHEO_TRACE_BINARY ?? "target/release/orcheo-trace";
const SPEED = process.env.ORCHEO_TRACE_REDACTION_SPEED ?? "target/release/examples/redaction_speed";
const REQUESTS = 20;
const SPANS = 2_000;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const texts = (given) => Object.entries(given).map(([key, text]) => ({ key, value: { stringValue: text } }));

function row(work, value, unit, goal) {
  const verdict = goal === undefined ? "" : `goal <= ${goal} ${unit}: ${value <= goal ? "met" : "missed"}`;
  console.log(`${work.padEnd(62)} ${value.toFixed(value < 10 ? 2 : 0).padStart(12)} ${unit.padEnd(4)} ${verdict}`);
}

/** A request of model calls, each with a conversation of its own. */
function body() {
  const traceId = randomBytes(16).toString("hex");
  const spans = Array.from({ length: SPANS }, (_, index) => {
    const question = `Where is parcel ${index}? It was sent on Monday and has not come. `.repeat(4);
    const attributes = {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "gpt-4o",
      "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: [{ type: "text", content: question }] }]),
      "gen_ai.output.messages": JSON.stringify([{ role: "assistant", parts: [{ type: "text", content: `It is on its way (${index}).` }] }]),
    };
    const spanId = (index + 1).toString(16).padStart(16, "0");
    return { traceId, spanId, name: "chat gpt-4o", startTimeUnixNano: "1", endTimeUnixNano: "2", attributes: texts(attributes) };
  });
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: texts({ "service.name": "bench" }) }, scopeSpans: [{ spans }] }] });
}

/** Milliseconds from a request to its commit. */
async function ingest(url, request) {
  const began = performance.now();
  const response = await fetch(`${url}/v1/traces`, { method: "POST", headers: { "content-type": "application/json" }, body: request });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return performance.now() - began;
}

await withDirectory(async (directory) => {
  const request = body();
  const file = join(directory, "request.json");
  writeFileSync(file, request);
  const measured = spawnSync(SPEED, [file], { encoding: "utf8" });
  if (measured.status !== 0) throw new Error(measured.stderr || `${measured.error}`);
  const lines = measured.stdout.trim().split("\n").map((line) => JSON.parse(line));
  for (const { text, mb_per_s } of lines.filter((line) => line.text)) row(`redaction of ${text}`, mb_per_s, "MB/s");
  const hostile = lines.filter((line) => line.hostile);
  const slowest = hostile.reduce((worst, line) => (line.mb_per_s < worst.mb_per_s ? line : worst));
  row(`redaction of hostile text, the slowest: ${JSON.stringify(slowest.hostile)}`, slowest.mb_per_s, "MB/s");
  row("hostile text, time a byte of 2 MB / of 64 kB, the worst", Math.max(...hostile.map((line) => line.slowdown)), "x", 3);

  const server = await start(BINARY, ["serve", "--listen", "127.0.0.1:0", "--data-dir", join(directory, "data")], {
    ORCHEO_TRACE_LOG: "warn",
    ORCHEO_TRACE_OTLP_GRPC_LISTEN: "127.0.0.1:0",
  });
  try {
    const times = [];
    for (let number = 0; number < REQUESTS; number += 1) times.push(await ingest(server.url, body()));
    const [{ mb_per_s }] = lines.filter((line) => line.file);
    const redaction = request.length / 1e3 / mb_per_s;
    row(`redaction of a request of ${(request.length / 1e6).toFixed(1)} MB`, redaction, "ms");
    row("its share of the time until the request is committed", (100 * redaction) / median(times), "%", 25);
  } finally {
    await server.stop();
  }
});
