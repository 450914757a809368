// A run of half a minute, watched by the public graphql-ws client from two API processes while a third process runs it.
// Needs the program itself: ORCHEO_TRACE_BINARY, by default the development build.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { databaseUrl, finished, graphql, postgres, saveWorkflow, start, startExecution, withDirectory } from "../scripts/program.mjs";

const BINARY = process.env.ORCHEO_TRACE_BINARY ?? "../target/debug/orcheo-trace";
const ORDER = { RUNNING: 0, ABANDONED: 1, ENDED: 2 };

const delay = (name, seconds) => ({ name, type: "DelayNode", duration_seconds: seconds });

/** Half a minute of steps, short and long, in sequence, in parallel and in a model call that streams. */
const workflow = {
  id: "half-a-minute",
  nodes: [
    delay("first", 2),
    ...[0.06, 0.2, 1, 3].map((seconds, index) => delay(`parallel_${index}`, seconds)),
    delay("joined", 1),
    ...Array.from({ length: 60 }, (_, index) => delay(`step_${index}`, index % 10 === 0 ? 2 : 0.15)),
    { name: "answer", type: "LLMNode", ai_model: "offline:echo", input_text: "word ".repeat(200) },
  ],
  edges: [
    ["START", "first"],
    ["joined", "step_0"],
    ...Array.from({ length: 59 }, (_, index) => [`step_${index}`, `step_${index + 1}`]),
    ["step_59", "answer"],
    ["answer", "END"],
  ],
  parallel_branches: [{ source: "first", targets: [0, 1, 2, 3].map((index) => `parallel_${index}`), join: "joined" }],
};

const UPDATES = `subscription ($id: ID!, $after: String) {
  traceUpdates(executionId: $id, after: $after) {
    cursor caughtUp complete
    execution { status }
    spans { spanId parentSpanId nodeId state revision durationMs }
  }
}`;

/** Follows a trace; resolves with its messages when the server completes, or when `until` says to cut the socket. */
async function watch(url, executionId, after, until = () => false) {
  let socket;
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    retryAttempts: 0,
    webSocketImpl: class extends WebSocket {
      constructor(...args) {
        super(...args);
        socket = this;
      }
    },
  });
  const messages = [];
  let cut = false;
  await new Promise((resolve, reject) => {
    client.subscribe(
      { query: UPDATES, variables: { id: executionId, after } },
      {
        next: ({ data, errors }) => {
          if (errors) return reject(new Error(JSON.stringify(errors)));
          messages.push(data.traceUpdates);
          // No closing handshake: as when the network goes away.
          if (until(data.traceUpdates, messages)) {
            cut = true;
            socket.terminate();
            resolve();
          }
        },
        error: (error) => (cut ? resolve() : reject(error instanceof Error ? error : new Error(`socket closed: ${error.code} ${error.reason}`))),
        complete: resolve,
      },
    );
  });
  return messages;
}

/** Watches to the end, cutting the socket in the middle and resuming from the last cursor. */
async function watchWithCut(url, executionId, cutAfter) {
  let ended = 0;
  const before = await watch(url, executionId, null, ({ spans }) => {
    ended += spans.filter((span) => span.state === "ENDED").length;
    return ended >= cutAfter;
  });
  const after = await watch(url, executionId, before.at(-1).cursor);
  return { before, after, messages: [...before, ...after] };
}

function assertInOrder(messages) {
  const seen = new Map();
  let last = 0;
  for (const { spans } of messages) {
    for (const span of spans) {
      assert.ok(span.revision >= last, `revision ${span.revision} after ${last}`);
      last = span.revision;
      const previous = seen.get(span.spanId);
      if (previous) {
        assert.ok(span.revision > previous.revision, `the same state twice of ${span.nodeId ?? "a span"}`);
        assert.ok(ORDER[span.state] >= ORDER[previous.state], `${span.nodeId} went back to ${span.state}`);
        assert.notEqual(previous.state, "ENDED", `${span.nodeId} changed after its end`);
      }
      seen.set(span.spanId, span);
    }
  }
  return seen;
}

async function allSpans(url, executionId) {
  const { execution } = await graphql(
    url,
    `query ($id: ID!) {
      execution(executionId: $id) {
        rootSpan { spanId }
        spans(first: 10000) { edges { node { spanId nodeId state revision durationMs } } }
      }
    }`,
    { id: executionId },
  );
  return { root: execution.rootSpan.spanId, spans: execution.spans.edges.map((edge) => edge.node) };
}

test("a run is seen while it runs, by two processes, across a cut connection", { timeout: 180_000 }, async () => {
  await withDirectory(async (directory) => {
    const data = join(directory, "data");
    const running = [];
    const launch = async (args) => {
      const child = await start(BINARY, args, { ORCHEO_TRACE_LOG: "info" });
      running.push(child);
      return child;
    };
    try {
      const first = await launch(["serve", "--no-worker", "--listen", "127.0.0.1:0", "--data-dir", data]);
      const database = databaseUrl(postgres(data));
      const second = await launch([
        "serve", "--no-worker", "--listen", "127.0.0.1:0", "--data-dir", join(directory, "other"), "--database-url", database,
      ]);
      await launch(["worker", "--data-dir", join(directory, "third"), "--database-url", database]);

      await saveWorkflow(first.url, workflow);
      const executionId = await startExecution(first.url, workflow.id);
      const [one, two] = await Promise.all([
        watchWithCut(first.url, executionId, 20),
        watchWithCut(second.url, executionId, 45),
      ]);
      assert.equal((await finished(first.url, executionId)).status, "SUCCEEDED");

      const { root, spans } = await allSpans(second.url, executionId);
      for (const { before, messages } of [one, two]) {
        assert.ok(before.length > 1 && before.at(-1).complete === false, "the socket was cut in the middle");
        const seen = assertInOrder(messages);
        assert.ok(messages.at(-1).complete, "the last message says so");
        assert.equal(messages.at(-1).execution.status, "SUCCEEDED");
        for (const span of spans) {
          assert.deepEqual(
            [seen.get(span.spanId)?.state, seen.get(span.spanId)?.revision],
            [span.state, span.revision],
            `the last state of ${span.nodeId ?? span.spanId} was delivered`,
          );
        }
        assert.equal(seen.size, spans.length);
      }

      // Not interrupted: what lasted longer than 50 ms was seen running. Across a cut, only the latest state is delivered.
      const cutsMissed = (watched) => {
        const running = new Set(watched.messages.flatMap((m) => m.spans.filter((s) => s.state === "RUNNING").map((s) => s.spanId)));
        return spans.filter((span) => (span.spanId === root || (span.nodeId && span.durationMs > 50)) && !running.has(span.spanId));
      };
      const missed = cutsMissed(one).filter((span) => cutsMissed(two).some((other) => other.spanId === span.spanId));
      assert.deepEqual(missed, []);
      for (const watched of [one, two]) assert.ok(cutsMissed(watched).length <= 1, "at most the span that ran during the cut");
    } finally {
      for (const child of running.reverse()) await child.stop();
    }
  });
});
