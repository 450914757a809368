import { describe, expect, it } from "vitest";

import { readMessages } from "./messages";
import { toolSpansByCall } from "./toolSpans";

const messages = readMessages({
  input: null,
  output: [{ role: "assistant", parts: [{ type: "tool_call", id: "c1", name: "f", arguments: {} }] }],
  attributes: {},
});

const span = (spanId: string, category: string, attributes: object) => ({
  spanId,
  category,
  name: "f",
  startOffsetMs: 0,
  attributes,
});

describe("toolSpansByCall", () => {
  it("finds the span of a call by the call's id", () => {
    const spans = [
      span("a", "LLM", { "gen_ai.tool.call.id": "c1" }),
      span("b", "TOOL", { "gen_ai.tool.call.id": "c1" }),
      span("c", "TOOL", { "gen_ai.tool.call.id": "c2" }),
    ];
    expect([...toolSpansByCall(messages, spans)]).toEqual([["c1", "b"]]);
  });

  it("finds none without an id", () => {
    expect(toolSpansByCall(messages, [span("b", "TOOL", {})]).size).toBe(0);
  });
});
