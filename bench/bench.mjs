// Each row holds two measurements of the same run against each other; only the ratio means anything on another machine.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished, graphql, postgres, run, saveWorkflow, start, startExecution, withDirectory } from "../scripts/program.mjs";

const BINARY = process.env.ORCHEO_TRACE_BINARY ?? "target/release/orcheo-trace";
const STEPS = 320;
const ROUNDS = 7;
const DELAYS = 20;
const TRACES = [100, 1_000, 10_000];

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function row(work, ours, limit, goal) {
  const ratio = ours / limit;
  const [left, right] = [ours, limit].map((value) => `${value.toFixed(1)} ms`.padStart(11));
  console.log(`${work.padEnd(50)} ${left} ${right} ${ratio.toFixed(2).padStart(8)} x   goal <= ${goal} x: ${ratio <= goal ? "met" : "missed"}`);
}

async function execute(url, workflowId) {
  const execution = await finished(url, await startExecution(url, workflowId));
  if (execution.status !== "SUCCEEDED") throw new Error(JSON.stringify(execution));
  return execution;
}

/** Latencies in milliseconds of one statement, as pgbench's own log tells them. */
async function pgbench(connection, statement, transactions) {
  const directory = mkdtempSync(join(tmpdir(), "orcheo-pgbench-"));
  try {
    writeFileSync(join(directory, "statement.sql"), statement);
    await run("pgbench", connection, ["-n", "-M", "prepared", "-c", "1", "-t", `${transactions}`, "-l", "-f", "statement.sql"], directory);
    const log = readdirSync(directory).find((name) => name.startsWith("pgbench_log"));
    const lines = readFileSync(join(directory, log), "utf8").trim().split("\n");
    return lines.map((line) => Number(line.split(" ")[2]) / 1_000);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** N trivial durable steps in sequence against N single-row commits. */
async function durableSteps(url, connection) {
  const names = Array.from({ length: STEPS }, (_, index) => `step_${index}`);
  const chain = ["START", ...names, "END"];
  await saveWorkflow(url, {
    id: "bench-steps",
    recursion_limit: STEPS + 10,
    nodes: names.map((name, index) => ({ name, type: "SetVariableNode", variables: { value: index } })),
    edges: chain.slice(1).map((target, index) => [chain[index], target]),
  });
  await run("psql", connection, ["-qXc", "create table bench_commits (value bigint)"]);
  await execute(url, "bench-steps");
  const ours = [];
  const limit = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push((await execute(url, "bench-steps")).durationMs);
    const commits = await pgbench(connection, "insert into bench_commits values (1);", STEPS);
    limit.push(commits.reduce((sum, latency) => sum + latency, 0));
  }
  row(`${STEPS} durable steps / ${STEPS} pgbench commits`, median(ours), median(limit), 1.5);
}

/** Durations against the clock: a chain of delays whose length is known, as their spans tell it. */
async function durations(url) {
  const names = Array.from({ length: DELAYS }, (_, index) => `wait_${index}`);
  const chain = ["START", ...names, "END"];
  await saveWorkflow(url, {
    id: "bench-clock",
    nodes: names.map((name, index) => ({ name, type: "DelayNode", duration_seconds: (index + 1) / 50 })),
    edges: chain.slice(1).map((target, index) => [chain[index], target]),
  });
  const began = performance.now();
  const { executionId, durationMs } = await execute(url, "bench-clock");
  const elapsed = performance.now() - began;
  const { execution } = await graphql(url, "query ($id: ID!) { execution(executionId: $id) { spans { nodes { nodeId durationMs } } } }", {
    id: executionId,
  });
  const errors = names.map((name, index) => {
    const { durationMs: told } = execution.spans.nodes.find((span) => span.nodeId === name);
    return Math.abs(told - (index + 1) * 20);
  });
  const worst = Math.max(...errors);
  if (durationMs > elapsed) throw new Error(`a run of ${durationMs} ms was over after ${elapsed} ms`);
  console.log(`${`${DELAYS} delays, largest difference of a span from the clock`.padEnd(62)} ${worst.toFixed(2).padStart(12)} ms  goal <= 5 ms: ${worst <= 5 ? "met" : "missed"}`);
}

const TRACE_QUERY = `query ($id: ID!) {
  execution(executionId: $id) {
    spans(first: 10000) {
      edges { cursor node {
        id spanId traceId parentSpanId revision name kind category state status { code message }
        nodeId nodeType displayName attempt iteration startTime endTime durationMs startOffsetMs
        attributes events { name time attributes } links { traceId spanId attributes }
      } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

/** Reads the whole answer over a connection that is kept, as clients have one. What SQL gives is not compressed either. */
function readTrace(agent, url, executionId) {
  const body = JSON.stringify({ query: TRACE_QUERY, variables: { id: executionId } });
  const headers = { "content-type": "application/json", accept: "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}/graphql`, { method: "POST", agent, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks)));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** One trace with its attributes over GraphQL against the same rows as JSON straight from SQL. */
async function traceReads(url, connection) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (const spans of TRACES) {
    const workflowId = `bench-trace-${spans}`;
    const items = Array.from({ length: spans - 2 }, (_, index) => index);
    await saveWorkflow(url, {
      id: workflowId,
      nodes: [
        {
          name: "each",
          type: "ForEachNode",
          items,
          body: {
            name: "step",
            type: "SetVariableNode",
            variables: { text: "a summary of retrieved documents ".repeat(16), item: "{{item}}" },
          },
        },
      ],
      edges: [["START", "each"], ["each", "END"]],
    });
    const { executionId, spanCount } = await execute(url, workflowId);
    const answer = JSON.parse((await readTrace(agent, url, executionId)).toString());
    const read = answer.data.execution.spans.edges.length;
    if (read !== Math.min(spanCount, 10_000)) throw new Error(`read ${read} of ${spanCount} spans`);
    await run("psql", connection, ["-qXc", "vacuum analyze spans"]);
    const repetitions = Math.max(30, 30_000 / spans);
    const latencies = [];
    let bytes = 0;
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      const began = performance.now();
      bytes = (await readTrace(agent, url, executionId)).byteLength;
      latencies.push(performance.now() - began);
    }
    const sql = await pgbench(
      connection,
      `select row_to_json(s) from (
        select span_id, trace_id, parent_span_id, revision, name, kind, category, state, status_code, status_message, node_id,
          node_type, display_name, attempt, iteration, start_ns, end_ns, attributes, events, links
        from spans where execution_id = '${executionId}'::uuid order by start_ns, span_id limit 10000) s;`,
      repetitions,
    );
    row(`read ${read} spans, ${(bytes / 1e6).toFixed(1)} MB / as JSON from SQL`, median(latencies), median(sql), 3);
  }
  agent.destroy();
}

await withDirectory(async (directory) => {
  const data = join(directory, "data");
  const server = await start(BINARY, ["serve", "--listen", "127.0.0.1:0", "--data-dir", data], { ORCHEO_TRACE_LOG: "warn" });
  try {
    console.log(`${"work".padEnd(50)} ${"ours, p50".padStart(11)} ${"limit, p50".padStart(11)}    ratio`);
    await durations(server.url);
    await durableSteps(server.url, postgres(data));
    await traceReads(server.url, postgres(data));
  } finally {
    await server.stop();
  }
});
