// Spans by OTLP until they are committed, against COPY of the same spans into a table with nothing but a primary key.
import { spawnSync } from "node:child_process";
import http from "node:http";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { postgres, run, start, withDirectory } from "../scripts/program.mjs";

const BINARY = process.env.ORCHEO_TRACE_BINARY ?? "target/release/orcheo-trace";
const LOAD = process.env.ORCHEO_TRACE_OTLP_LOAD ?? "target/release/examples/otlp_load";
const SPANS = Number(process.env.ORCHEO_TRACE_BENCH_INGEST ?? 200_000);
const CONNECTIONS = 4;
const COPIES = 3;

const TABLE = `create table bench_copy (
  trace_id bytea not null, span_id bytea not null, parent_span_id bytea, name text not null,
  start_time timestamptz not null, end_time timestamptz not null, status text not null, attributes jsonb not null,
  events jsonb not null, primary key (trace_id, span_id))`;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Rejects unless all spans of the body were taken in. */
function post(agent, url, body) {
  const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}/v1/traces`, { method: "POST", agent, headers }, (response) => {
      let bytes = 0;
      response.on("data", (chunk) => (bytes += chunk.length));
      // Nothing but a rejection makes an answer longer than nothing.
      response.on("end", () => (response.statusCode === 200 && bytes === 0 ? resolve() : reject(new Error(`${response.statusCode}`))));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Seconds from the first request to the last commit. */
async function send(url, bodies) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const waiting = bodies.values();
  const began = performance.now();
  const sender = async () => {
    for (const body of waiting) await post(agent, url, body);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sender));
  agent.destroy();
  return (performance.now() - began) / 1_000;
}

await withDirectory(async (directory) => {
  const made = spawnSync(LOAD, [directory, `${SPANS}`], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stderr || `${made.error}`);
  const files = readdirSync(directory).filter((name) => name.endsWith(".pb"));
  const bodies = files.sort().map((name) => readFileSync(join(directory, name)));
  const data = join(directory, "data");
  const server = await start(BINARY, ["serve", "--listen", "127.0.0.1:0", "--data-dir", data], {
    ORCHEO_TRACE_LOG: "warn",
    ORCHEO_TRACE_OTLP_GRPC_LISTEN: "127.0.0.1:0",
  });
  try {
    const psql = (command) => run("psql", postgres(data), ["-qXAt", "-c", command]);
    await psql(TABLE);
    const copies = [];
    for (let number = 0; number < COPIES; number += 1) {
      await psql("truncate bench_copy");
      await psql("checkpoint");
      const began = performance.now();
      await psql(`\\copy bench_copy from '${join(directory, "rows.tsv")}'`);
      copies.push((performance.now() - began) / 1_000);
    }
    await psql("drop table bench_copy");
    await psql("checkpoint");
    const seconds = await send(server.url, bodies);
    const stored = await psql("select count(*) || ' ' || count(distinct (execution_id, span_id)) from spans");
    if (stored.trim() !== `${SPANS} ${SPANS}`) throw new Error(`${SPANS} spans were sent, ${stored.trim()} (distinct) are stored`);
    const [ours, limit] = [SPANS / seconds, SPANS / median(copies)];
    const rate = (value) => `${Math.round(value).toLocaleString("en")}/s`.padStart(11);
    const ratio = ours / limit;
    console.log(
      `${`${SPANS} spans by OTLP, stored / COPY of them`.padEnd(50)} ${rate(ours)} ${rate(limit)} ${ratio.toFixed(2).padStart(8)} x   goal >= 0.7 x: ${ratio >= 0.7 ? "met" : "missed"}`,
    );
  } finally {
    await server.stop();
  }
});
