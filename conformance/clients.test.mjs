// Public clients of other hands against a server with a token: graphql-ws, graphql-sse, and an EventSource whose connection is cut.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { join } from "node:path";
import test from "node:test";
import { EventSource } from "eventsource";
import { createClient as createSseClient } from "graphql-sse";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { start, withDirectory } from "../scripts/program.mjs";

const BINARY = process.env.ORCHEO_TRACE_BINARY ?? "../target/debug/orcheo-trace";
const TOKEN = "a-token-for-the-conformance-tests";
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const STEPS = 20;

const workflow = {
  id: "steps",
  nodes: Array.from({ length: STEPS }, (_, index) => ({ name: `step_${index}`, type: "DelayNode", duration_seconds: 0.1 })),
  edges: [
    ["START", "step_0"],
    ...Array.from({ length: STEPS - 1 }, (_, index) => [`step_${index}`, `step_${index + 1}`]),
    [`step_${STEPS - 1}`, "END"],
  ],
};

const UPDATES = `subscription ($id: ID!) {
  traceUpdates(executionId: $id) { complete spans { spanId state } }
}`;

/** A network between client and server that can be cut, and is there again at once. */
async function network(url) {
  const { hostname, port } = new URL(url);
  const sockets = new Set();
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(port), hostname);
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      sockets.add(from);
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    close: () => server.close(),
  };
}

async function post(url, path, body) {
  const headers = { "content-type": "application/json", accept: "application/json", ...AUTHORIZED };
  const response = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
}

async function startSteps(url) {
  const query = "mutation ($input: SaveWorkflowInput!) { saveWorkflow(input: $input) { problems { message } } }";
  const saved = await post(url, "/graphql", { query, variables: { input: { definition: workflow } } });
  assert.deepEqual(saved.data.saveWorkflow.problems, []);
  return (await post(url, `/api/workflows/${workflow.id}/executions`, {})).execution.id;
}

function overWebSocket(url, token, executionId) {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    connectionParams: token ? { Authorization: `Bearer ${token}` } : {},
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  return client.iterate({ query: UPDATES, variables: { id: executionId } });
}

/** What a stream of trace updates says in the end: each span's last state. */
async function lastStates(updates) {
  const states = new Map();
  let complete = false;
  for await (const { data, errors } of updates) {
    assert.equal(errors, undefined);
    for (const span of data.traceUpdates.spans) states.set(span.spanId, span.state);
    complete = data.traceUpdates.complete;
  }
  assert.ok(complete, "the last message says so");
  return [...states.values()];
}

const ALL_ENDED = Array.from({ length: STEPS + 1 }, () => "ENDED");

test("public clients follow a run with a token", { timeout: 120_000 }, async (t) => {
  await withDirectory(async (directory) => {
    const server = await start(BINARY, ["serve", "--listen", "127.0.0.1:0", "--data-dir", join(directory, "data")], {
      ORCHEO_TRACE_TOKEN: TOKEN,
    });
    try {
      await t.test("graphql-ws, the token in connection_init", async () => {
        const executionId = await startSteps(server.url);
        assert.deepEqual(await lastStates(overWebSocket(server.url, TOKEN, executionId)), ALL_ENDED);
        for (const token of [undefined, "another"]) {
          const refused = overWebSocket(server.url, token, executionId).next();
          await assert.rejects(refused, (closed) => closed.code === 4403);
        }
      });

      await t.test("graphql-sse, the token in a header", async () => {
        const follow = (headers, executionId) =>
          createSseClient({ url: `${server.url}/graphql`, headers, retryAttempts: 0 }).iterate({
            query: UPDATES,
            variables: { id: executionId },
          });
        const executionId = await startSteps(server.url);
        assert.deepEqual(await lastStates(follow(AUTHORIZED, executionId)), ALL_ENDED);
        await assert.rejects(follow({}, executionId).next(), (error) => error.response?.status === 401);
      });

      await t.test("EventSource, resumed where its connection was cut", async () => {
        const between = await network(server.url);
        const executionId = await startSteps(between.url);
        const resumedFrom = [];
        const source = new EventSource(`${between.url}/api/executions/${executionId}/trace/events`, {
          fetch: (url, init) => {
            resumedFrom.push(init.headers["Last-Event-ID"]);
            return fetch(url, { ...init, headers: { ...init.headers, ...AUTHORIZED } });
          },
        });
        const revisions = new Map();
        const states = new Map();
        let lastEventId;
        try {
          await new Promise((resolve, reject) => {
            source.addEventListener("message", (event) => {
              lastEventId = event.lastEventId;
              for (const span of JSON.parse(event.data).spans) {
                if (revisions.get(span.span_id) >= span.revision) reject(new Error(`the same state twice of ${span.name}`));
                revisions.set(span.span_id, span.revision);
                states.set(span.span_id, span.state);
              }
              if (resumedFrom.length === 1 && [...states.values()].filter((state) => state === "ENDED").length >= 5) between.cut();
            });
            source.addEventListener("problem", (event) => reject(new Error(event.data)));
            source.addEventListener("end", resolve);
            source.addEventListener("error", ({ code }) => code && reject(new Error(`refused with ${code}`)));
          });
          assert.equal(resumedFrom.length, 2, "it was cut once");
          assert.equal(resumedFrom[0], undefined);
          assert.ok(resumedFrom[1], "it resumed from an event");
          assert.deepEqual([...states.values()], ALL_ENDED);
        } finally {
          source.close();
          between.close();
        }
        // What a client that comes back after the end is answered ends its retries.
        const headers = { ...AUTHORIZED, "last-event-id": lastEventId };
        const after = await fetch(`${server.url}/api/executions/${executionId}/trace/events`, { headers });
        assert.equal(after.status, 204);
      });
    } finally {
      await server.stop();
    }
  });
});
