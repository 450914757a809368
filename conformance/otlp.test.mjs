// OpenTelemetry's JavaScript SDK sends by each of its exporters, and what it sent is read back.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter as Grpc } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as HttpJson } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as HttpProtobuf } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { graphql, start, withDirectory } from "../scripts/program.mjs";

const BINARY = process.env.ORCHEO_TRACE_BINARY ?? "../target/debug/orcheo-trace";

const TRACE = `query ($trace: String!) {
  executionByTraceId(traceId: $trace) {
    externalId status threadId error { message }
    workflow { workflowId external }
    tokenUsage { input output cacheRead costUsd }
    spans {
      nodes {
        spanId parentSpanId name kind category state status { code message } attributes input output durationMs
        events { name attributes } links { traceId spanId attributes } tokenUsage { counted }
      }
    }
  }
}`;

/** A request with a model call that answers and a tool that fails; resolves with its ids when all of it was accepted. */
async function send(exporter, name) {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "shop" }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer("conformance", "1.0");
  const root = tracer.startSpan(
    "triage",
    { kind: SpanKind.SERVER, attributes: { "orcheo.workflow.id": "triage", "orcheo.execution.id": name, "session.id": "s-1" } },
    ROOT_CONTEXT,
  );
  const within = trace.setSpan(ROOT_CONTEXT, root);
  const call = tracer.startSpan(
    "chat gpt-4o",
    {
      kind: SpanKind.CLIENT,
      startTime: [1_767_225_600, 123_456_789],
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 1_000_000,
        "gen_ai.usage.output_tokens": 0,
        "gen_ai.usage.cache_read.input_tokens": 400_000,
        "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: [{ type: "text", content: "Wo ist es? 📦" }] }]),
        "gen_ai.output.messages": "[]",
        ratio: 0.5,
        big: Number.MAX_SAFE_INTEGER,
        list: ["a", "b"],
        yes: true,
      },
    },
    within,
  );
  call.addEvent("first token", { offset: 3 });
  call.end([1_767_225_601, 123_456_789]);
  const tool = tracer.startSpan("execute_tool search", { links: [{ context: call.spanContext(), attributes: { why: "asked" } }] }, within);
  tool.setAttribute("gen_ai.operation.name", "execute_tool");
  tool.recordException(new TypeError("no index"));
  tool.setStatus({ code: SpanStatusCode.ERROR, message: "no index" });
  tool.end();
  root.setStatus({ code: SpanStatusCode.ERROR, message: "gave up" });
  root.end();
  await provider.forceFlush();
  await provider.shutdown();
  const ids = [root, call, tool].map((span) => span.spanContext().spanId);
  return { traceId: root.spanContext().traceId, ids };
}

test("spans of OpenTelemetry's JavaScript SDK come back as they were sent", { timeout: 120_000 }, async (t) => {
  await withDirectory(async (directory) => {
    const args = ["serve", "--no-worker", "--listen", "127.0.0.1:0", "--otlp-grpc-listen", "127.0.0.1:0"];
    const server = await start(BINARY, [...args, "--data-dir", join(directory, "data")]);
    try {
      while (!server.printed().includes("Ctrl-C")) await new Promise((resolve) => setImmediate(resolve));
      const [grpc] = server.printed().match(/(?<=OTLP\/gRPC\s+)http:\S+/);
      const url = `${server.url}/v1/traces`;
      const exporters = {
        "http/protobuf": () => new HttpProtobuf({ url }),
        "http/json": () => new HttpJson({ url }),
        "http/protobuf with gzip": () => new HttpProtobuf({ url, compression: "gzip" }),
        grpc: () => new Grpc({ url: grpc }),
      };
      for (const [name, exporter] of Object.entries(exporters)) {
        await t.test(name, async () => {
          const sent = await send(exporter(), name);
          const { executionByTraceId: run } = await graphql(server.url, TRACE, { trace: sent.traceId });
          assert.deepEqual(
            [run.externalId, run.status, run.threadId, run.error.message, run.workflow],
            [name, "FAILED", "s-1", "gave up", { workflowId: "triage", external: true }],
          );
          assert.deepEqual(run.tokenUsage, { input: 1_000_000, output: 0, cacheRead: 400_000, costUsd: 2 });
          const [root, call, tool] = sent.ids.map((id) => run.spans.nodes.find((span) => span.spanId === id));
          assert.equal(run.spans.nodes.length, 3);
          assert.deepEqual([root.parentSpanId, root.kind, root.category, root.state], [null, "SERVER", "WORKFLOW", "ENDED"]);
          assert.deepEqual([call.parentSpanId, call.kind, call.category, call.durationMs], [root.spanId, "CLIENT", "LLM", 1000]);
          assert.deepEqual(call.tokenUsage, { counted: true });
          assert.equal(call.input[0].parts[0].content, "Wo ist es? 📦");
          const { ratio, big, list, yes } = call.attributes;
          assert.deepEqual({ ratio, big, list, yes }, { ratio: 0.5, big: Number.MAX_SAFE_INTEGER, list: ["a", "b"], yes: true });
          assert.deepEqual(call.events, [{ name: "first token", attributes: { offset: 3 } }]);
          assert.deepEqual([tool.category, tool.status], ["TOOL", { code: "ERROR", message: "no index" }]);
          assert.equal(tool.events[0].attributes["exception.type"], "TypeError");
          assert.deepEqual(tool.links, [{ traceId: sent.traceId, spanId: call.spanId, attributes: { why: "asked" } }]);
        });
      }
    } finally {
      await server.stop();
    }
  });
});
