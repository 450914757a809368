// Traces of another engine, as OTLP/JSON: a tree of five children a span, of mixed kinds, sent in batches.
import { randomBytes } from "node:crypto";

const BATCH = 2_000;
const BRANCHES = 5;

const KINDS = [
  (index) => ({
    name: "chat gpt-4o",
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-4o",
      "gen_ai.usage.input_tokens": 100 + (index % 900),
      "gen_ai.usage.output_tokens": 10 + (index % 90),
    },
  }),
  (index) => ({ name: `execute_tool lookup_${index % 7}`, attributes: { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": `lookup_${index % 7}` } }),
  (index) => ({ name: `retrieve ${index % 11}`, attributes: { "openinference.span.kind": "RETRIEVER" } }),
  (index) => ({ name: `step ${index % 13}`, attributes: { "orcheo.node.id": `step_${index % 13}` } }),
  (index) => ({ name: `invoke_agent helper_${index % 3}`, attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": `helper_${index % 3}` } }),
];

const value = (content) => (typeof content === "number" ? { intValue: `${content}` } : { stringValue: content });
const attributes = (given) => Object.entries(given).map(([key, content]) => ({ key, value: value(content) }));
const spanId = (index) => (index + 1).toString(16).padStart(16, "0");

/** The span at `index` of a trace that began at `beganNs` (a BigInt). */
function span(traceId, beganNs, index, count) {
  const start = beganNs + BigInt(index) * 1_000n;
  const kind = index === 0 ? { name: "handle request", attributes: {} } : KINDS[index % KINDS.length](index);
  return {
    traceId,
    spanId: spanId(index),
    ...(index === 0 ? {} : { parentSpanId: spanId(Math.floor((index - 1) / BRANCHES)) }),
    name: kind.name,
    kind: 1,
    startTimeUnixNano: `${start}`,
    endTimeUnixNano: `${start + BigInt(count - index) * 2_000n}`,
    attributes: attributes({ "input.value": `{"question":"what is ${index}?"}`, ...kind.attributes }),
    status: index % 997 === 996 ? { code: 2, message: `failed at ${index}` } : {},
  };
}

/** Sends spans, again while the server asks for that; rejects unless all of them were stored. */
export async function send(url, service, spans) {
  const resourceSpans = [
    { resource: { attributes: attributes({ "service.name": service }) }, scopeSpans: [{ scope: { name: "bench" }, spans }] },
  ];
  const body = JSON.stringify({ resourceSpans });
  for (;;) {
    const response = await fetch(`${url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const answer = await response.text();
    if (response.ok && !answer.includes("rejectedSpans")) return;
    if (response.status !== 429 && response.status !== 503) throw new Error(`${response.status} ${answer}`);
    const seconds = Number(response.headers.get("retry-after") ?? 1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  }
}

/** A whole trace of `count` spans; resolves with its id. */
export async function sendTrace(url, service, count) {
  const traceId = randomBytes(16).toString("hex");
  const began = BigInt(Date.now()) * 1_000_000n;
  for (let from = 0; from < count; from += BATCH) {
    const length = Math.min(BATCH, count - from);
    await send(url, service, Array.from({ length }, (_, index) => span(traceId, began, from + index, count)));
  }
  return traceId;
}

/** A trace that grows by `rate` spans a second for `seconds`, ten times a second; its root ends with it. */
export async function growTrace(url, service, traceId, rate, seconds) {
  const began = BigInt(Date.now()) * 1_000_000n;
  const total = rate * seconds;
  const started = performance.now();
  for (let sent = 1; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1_000) * rate));
    if (due > sent) {
      const from = sent;
      sent = due;
      await send(url, service, Array.from({ length: due - from }, (_, index) => span(traceId, began, from + index, total)));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await send(url, service, [span(traceId, began, 0, total)]);
}
