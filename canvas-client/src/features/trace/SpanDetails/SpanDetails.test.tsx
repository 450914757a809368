import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";

import { FakeServer, apiError } from "@/testing/FakeServer";
import { axe } from "@/testing/axe";

import { span } from "../model/testing";
import { SpanDetails } from "./SpanDetails";
import { factsAnswer, payloadAnswer, renderTrace } from "./testing";

const tabs = () => screen.getAllByRole("tab").map((tab) => tab.textContent);

describe("SpanDetails", () => {
  it("says what to do when no span is selected", () => {
    renderTrace(<SpanDetails />, []);
    expect(screen.getByRole("heading", { name: "No span is selected" })).toBeInTheDocument();
  });

  it("has tabs only for what is there", async () => {
    new FakeServer()
      .answer("SpanFacts", () => factsAnswer({ attributes: { a: 1, b: 2 } }))
      .answer("SpanPayload", () => payloadAnswer({ x: 1 }, null));
    const { container } = renderTrace(<SpanDetails />, [span("a", null)], { selectedId: "a" });
    await screen.findByRole("tab", { name: "Input" });
    expect(tabs()).toEqual(["Overview", "Input", "Attributes2", "Raw"]);
    expect(screen.getByRole("tree", { name: "Input" })).toHaveTextContent("x:1");
    await expect(axe(container)).resolves.toEqual([]);
  });

  it("tells by its attributes what a span was that has neither input nor output", async () => {
    new FakeServer()
      .answer("SpanFacts", () => factsAnswer({ category: "DB", attributes: { "db.query.text": "SELECT 1" } }))
      .answer("SpanPayload", () => payloadAnswer(null, null));
    const { user } = renderTrace(<SpanDetails />, [span("a", null)], { selectedId: "a" });
    expect(await screen.findByRole("tree", { name: "Attributes" })).toHaveTextContent("SELECT 1");
    await user.click(screen.getByRole("button", { name: "Open" }));
    expect(screen.getByRole("tab", { name: /Attributes/ })).toHaveAttribute("aria-selected", "true");
  });

  it("tells first why a span failed, with its stack on demand and the way to the attempt that did not", async () => {
    new FakeServer()
      .answer("SpanFacts", () =>
        factsAnswer({
          status: { code: "ERROR", message: "it broke" },
          nodeId: "pay",
          attempt: 1,
          iteration: 1,
          events: [
            {
              name: "exception",
              time: "2026-01-31T12:00:00.004Z",
              offsetMs: 4,
              droppedAttributesCount: 0,
              attributes: {
                "exception.type": "ValueError",
                "exception.message": "no money",
                "exception.stacktrace":
                  'Traceback (most recent call last):\n  File "/app/pay.py", line 3, in pay\n    x()',
              },
            },
          ],
        }),
      )
      .answer("SpanPayload", () => payloadAnswer(null, null));
    const visit = { nodeId: "pay", iteration: 1 };
    const { user, store } = renderTrace(
      <SpanDetails />,
      [
        span("root", null),
        span("a", "root", { ...visit, attempt: 1, statusCode: "ERROR" }),
        span("b", "root", { ...visit, attempt: 2, startMs: 2 }),
      ],
      { selectedId: "a" },
    );
    const banner = await screen.findByRole("region", { name: "Failure" });
    expect(banner).toHaveTextContent("ValueErrorno money");
    expect(banner).toHaveTextContent('File "/app/pay.py", line 3, in pay');
    await user.click(within(banner).getByRole("button", { name: "Stack", expanded: false }));
    expect(banner).toHaveTextContent("Traceback (most recent call last)");
    await user.click(within(banner).getByRole("button", { name: "Attempt 2 succeeded" }));
    expect(store.getState().selectedId).toBe("b");
  });

  it("shows the conversation of a model call, with its tool calls leading to their spans", async () => {
    new FakeServer()
      .answer("SpanFacts", () =>
        factsAnswer({
          category: "LLM",
          parentSpanId: "agent",
          attributes: { "gen_ai.request.model": "m-1", "gen_ai.request.temperature": 0.2 },
        }),
      )
      .answer("SpanPayload", () =>
        payloadAnswer(
          [
            { role: "system", content: "You are brief." },
            { role: "user", content: "**Hello**" },
          ],
          [
            {
              role: "assistant",
              parts: [{ type: "tool_call", id: "c1", name: "look_up", arguments: { term: "span" } }],
            },
          ],
        ),
      )
      .answer("ToolSpans", ({ parentSpanId }) => ({
        execution: {
          span: {
            children: {
              nodes: [
                {
                  spanId: "tool",
                  category: "TOOL",
                  name: "execute_tool",
                  startOffsetMs: 1,
                  attributes: { "gen_ai.tool.call.id": parentSpanId === "agent" ? "c1" : "" },
                },
              ],
            },
          },
        },
      }));
    const { user, store } = renderTrace(
      <SpanDetails />,
      [span("agent", null), span("a", "agent", { category: "LLM" }), span("tool", "agent", { category: "TOOL" })],
      { selectedId: "a" },
    );
    const system = await screen.findByRole("article", { name: "system message" });
    expect(screen.getByRole("tab", { name: "Messages" })).toHaveAttribute("aria-selected", "true");
    expect(screen.getByText("m-1").parentElement).toHaveTextContent("m-1 temperature 0.2");
    expect(within(system).getByRole("button", { name: /You are brief/, expanded: false })).toBeInTheDocument();
    expect(await screen.findByText("Hello")).toHaveProperty("tagName", "STRONG");
    await user.click(screen.getByRole("radio", { name: "Plain" }));
    expect(screen.getByText("**Hello**")).toBeInTheDocument();
    expect(screen.getByRole("article", { name: "assistant message" })).toHaveTextContent('look_up(term: "span")');
    await user.click(await screen.findByRole("button", { name: "Tool’s span" }));
    expect(store.getState().selectedId).toBe("tool");
  });

  it("shows the documents that a search found, with their scores and what is told about them", async () => {
    const documents = [
      { id: "doc-1", content: "Keep the box.", score: 0.91, metadata: '{"source":"handbook.pdf"}' },
      { content: "Send photos." },
    ];
    new FakeServer()
      .answer("SpanFacts", () => factsAnswer({ category: "RETRIEVER" }))
      .answer("SpanPayload", () => payloadAnswer("what now?", documents));
    const { container } = renderTrace(<SpanDetails />, [span("a", null, { category: "RETRIEVER" })], {
      selectedId: "a",
    });
    const [first, second] = within(await screen.findByRole("list", { name: "Documents" })).getAllByRole("listitem");
    expect(first).toHaveTextContent(/^1doc-1score 0.910Keep the box\..*handbook\.pdf/);
    expect(second).toHaveTextContent(/^2Send photos\.$/);
    expect(screen.getByRole("tab", { name: /^Documents/ })).toHaveAttribute("aria-selected", "true");
    await expect(axe(container)).resolves.toEqual([]);
  });

  it("reads again what has changed, and keeps what it shows meanwhile", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    let revision = 1;
    new FakeServer()
      .answer("SpanFacts", () => factsAnswer({ revision, attributes: revision === 1 ? {} : { done: true } }))
      .answer("SpanPayload", () => payloadAnswer(null, `revision ${revision}`, revision));
    const { add } = renderTrace(<SpanDetails />, [span("a", null)], { selectedId: "a" });
    await screen.findByText("revision 1");
    revision = 2;
    add([span("a", null, { revision: 2 })]);
    expect(screen.getByText("revision 1")).toBeInTheDocument();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await screen.findByText("revision 2")).toBeInTheDocument();
    expect(tabs()).toContain("Attributes1");
    vi.useRealTimers();
  });

  it("says after what time a model began to answer", async () => {
    new FakeServer()
      .answer("SpanFacts", () => factsAnswer({ category: "LLM" }))
      .answer("SpanPayload", () => payloadAnswer(null, null));
    const marks = [
      { kind: "EVENT", offsetMs: 1, name: "retry" },
      { kind: "FIRST_TOKEN", offsetMs: 250, name: "first token" },
    ] as const;
    renderTrace(<SpanDetails />, [span("a", null, { marks })], { selectedId: "a" });
    expect(await screen.findByText("First token")).toBeInTheDocument();
    expect(screen.getByText(/^250\sms$/)).toBeInTheDocument();
  });

  it("stays on the chosen tab from span to span", async () => {
    new FakeServer()
      .answer("SpanFacts", ({ spanId }) => factsAnswer({ spanId, displayName: spanId, attributes: { of: spanId } }))
      .answer("SpanPayload", () => payloadAnswer(null, null));
    const { user, store } = renderTrace(<SpanDetails />, [span("a", null), span("b", null)], { selectedId: "a" });
    await user.click(await screen.findByRole("tab", { name: /Attributes/ }));
    await screen.findByRole("row", { name: /of a/ });
    store.getState().selectSpan("b");
    await screen.findByRole("row", { name: /of b/ });
    expect(screen.getByRole("tab", { name: /Attributes/ })).toHaveAttribute("aria-selected", "true");
  });

  it("says when the span cannot be read, and reads it when asked", async () => {
    const server = new FakeServer()
      .answer("SpanFacts", () => {
        throw apiError("TIMEOUT", "The database is slow.");
      })
      .answer("SpanPayload", () => payloadAnswer(null, null));
    const { user } = renderTrace(<SpanDetails />, [span("a", null)], { selectedId: "a" });
    expect(await screen.findByRole("alert")).toHaveTextContent("The database is slow.");
    server.answer("SpanFacts", () => factsAnswer());
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByRole("tab", { name: "Overview" });
  });

  it("says when there is no such span", async () => {
    new FakeServer()
      .answer("SpanFacts", () => ({ execution: { span: null } }))
      .answer("SpanPayload", () => ({ execution: { span: null } }));
    renderTrace(<SpanDetails />, [], { selectedId: "ffff" });
    expect(await screen.findByRole("heading", { name: "This span is not here" })).toBeInTheDocument();
  });

  it("goes to spans that it is linked to", async () => {
    new FakeServer()
      .answer("SpanFacts", () =>
        factsAnswer({
          links: [
            { traceId: "t".repeat(32), spanId: "b", traceState: null, attributes: {}, droppedAttributesCount: 0 },
            {
              traceId: "0".repeat(32),
              spanId: "c",
              traceState: null,
              attributes: { why: "retry" },
              droppedAttributesCount: 0,
            },
          ],
        }),
      )
      .answer("SpanPayload", () => payloadAnswer(null, null));
    const { user, store } = renderTrace(
      <SpanDetails />,
      [span("a", null), span("b", null, { displayName: "the other" })],
      {
        selectedId: "a",
      },
    );
    const other = await screen.findByRole("link", { name: /Span c of trace/ });
    expect(other).toHaveAttribute("href", `/traces/${"0".repeat(32)}?span=c`);
    await user.click(screen.getByRole("button", { name: "the other" }));
    await waitFor(() => expect(store.getState().selectedId).toBe("b"));
  });

  it("filters attributes by key and value", async () => {
    new FakeServer()
      .answer("SpanFacts", () => factsAnswer({ attributes: { "http.method": "GET", "db.system": "postgresql" } }))
      .answer("SpanPayload", () => payloadAnswer(null, null));
    const { user } = renderTrace(<SpanDetails />, [span("a", null)], { selectedId: "a" });
    await user.click(await screen.findByRole("tab", { name: /Attributes/ }));
    await user.type(await screen.findByRole("searchbox", { name: "Filter attributes" }), "postgres");
    expect(screen.getAllByRole("rowheader").map((cell) => cell.textContent)).toEqual(["db.system"]);
  });
});
