// Each row holds two measurements of the same run against each other; only the ratio means anything on another machine.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { graphql, run, withServer } from "./server.mjs";

const STEPS = 320;
const ROUNDS = 7;
const TRACES = [100, 1_000, 10_000];

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function row(work, ours, limit, unit, goal) {
  const ratio = ours / limit;
  const verdict = ratio <= goal ? "met" : "missed";
  console.log(
    `${work.padEnd(46)} ${ours.toFixed(1).padStart(9)} ${unit}  ${limit.toFixed(1).padStart(9)} ${unit}  ${ratio.toFixed(2).padStart(6)} x  goal <= ${goal} x: ${verdict}`,
  );
}

async function save(url, workflow) {
  const { saveWorkflow } = await graphql(
    url,
    `mutation ($input: SaveWorkflowInput!) {
      saveWorkflow(input: $input) { workflow { version } problems { path message } }
    }`,
    { input: { definition: workflow } },
  );
  if (saveWorkflow.problems.length > 0) throw new Error(JSON.stringify(saveWorkflow.problems));
}

/** Runs a saved workflow to its end; resolves with the execution. */
async function execute(url, workflowId) {
  const started = await graphql(
    url,
    `mutation ($input: StartExecutionInput!) { startExecution(input: $input) { execution { executionId } } }`,
    { input: { workflowId, inputs: {} } },
  );
  const { executionId } = started.startExecution.execution;
  for (;;) {
    const { execution } = await graphql(
      url,
      `query ($id: ID!) { execution(executionId: $id) { executionId status durationMs spanCount error { message } } }`,
      { id: executionId },
    );
    if (execution.status === "SUCCEEDED") return execution;
    if (!["QUEUED", "RUNNING"].includes(execution.status)) throw new Error(JSON.stringify(execution));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Latencies in milliseconds of one statement, as pgbench's own log tells them. */
async function pgbench(postgres, statement, transactions) {
  const directory = mkdtempSync(join(tmpdir(), "orcheo-pgbench-"));
  try {
    writeFileSync(join(directory, "statement.sql"), statement);
    await run(
      "pgbench",
      postgres,
      ["-n", "-M", "prepared", "-c", "1", "-t", `${transactions}`, "-l", "-f", "statement.sql"],
      directory,
    );
    const log = readdirSync(directory).find((name) => name.startsWith("pgbench_log"));
    const lines = readFileSync(join(directory, log), "utf8").trim().split("\n");
    return lines.map((line) => Number(line.split(" ")[2]) / 1_000);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** N trivial durable steps in sequence against N single-row commits. */
async function durableSteps({ url, postgres }) {
  const names = Array.from({ length: STEPS }, (_, index) => `step_${index}`);
  const chain = ["START", ...names, "END"];
  await save(url, {
    id: "bench-steps",
    recursion_limit: STEPS + 10,
    nodes: names.map((name, index) => ({ name, type: "SetVariableNode", variables: { value: index } })),
    edges: chain.slice(1).map((target, index) => [chain[index], target]),
  });
  await run("psql", postgres, ["-qXc", "create table bench_commits (value bigint)"]);
  await execute(url, "bench-steps");
  const ours = [];
  const limit = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push((await execute(url, "bench-steps")).durationMs);
    const commits = await pgbench(postgres, "insert into bench_commits values (1);", STEPS);
    limit.push(commits.reduce((sum, latency) => sum + latency, 0));
  }
  row(`${STEPS} durable steps / ${STEPS} pgbench commits`, median(ours), median(limit), "ms", 1.5);
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

/** One trace with its attributes over GraphQL against the same rows as JSON straight from SQL. */
async function traceReads({ url, postgres }) {
  for (const spans of TRACES) {
    const items = Math.max(1, Math.floor((spans - 2) / 2));
    const workflowId = `bench-trace-${spans}`;
    await save(url, {
      id: workflowId,
      nodes: [
        {
          name: "each",
          type: "ForEachNode",
          items: Array.from({ length: items }, (_, index) => index),
          body: { name: "step", type: "SetVariableNode", variables: { text: "a summary of retrieved documents ".repeat(16), item: "{{item}}" } },
        },
      ],
      edges: [["START", "each"], ["each", "END"]],
    });
    const { executionId, spanCount } = await execute(url, workflowId);
    await run("psql", postgres, ["-qXc", "vacuum analyze spans"]);
    const repetitions = spans === 10_000 ? 30 : 100;
    const latencies = [];
    let bytes = 0;
    for (let repetition = -3; repetition < repetitions; repetition += 1) {
      const began = performance.now();
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({ query: TRACE_QUERY, variables: { id: executionId } }),
      });
      const body = await response.arrayBuffer();
      if (repetition >= 0) latencies.push(performance.now() - began);
      bytes = body.byteLength;
    }
    const sql = await pgbench(
      postgres,
      `select row_to_json(s) from (
        select span_id, trace_id, parent_span_id, revision, name, kind, category, state, status_code, status_message, node_id, node_type,
          display_name, attempt, iteration, start_ns, end_ns, attributes, events, links
        from spans where execution_id = '${executionId}'::uuid order by start_ns, span_id) s;`,
      repetitions,
    );
    row(`read a trace of ${spanCount} spans (${(bytes / 1e6).toFixed(1)} MB) / SQL`, median(latencies), median(sql), "ms", 3);
  }
}

await withServer(async (server) => {
  console.log(`${"work".padEnd(46)} ${"ours".padStart(12)}  ${"limit".padStart(12)}   ratio`);
  await durableSteps(server);
  await traceReads(server);
});
