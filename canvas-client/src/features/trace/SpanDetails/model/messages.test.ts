import { describe, expect, it } from "vitest";

import { messageText, readMessages } from "./messages";
import type { MessageSource } from "./messages";

const read = (source: Partial<MessageSource>) => readMessages({ input: null, output: null, attributes: {}, ...source });

describe("readMessages", () => {
  it("reads the GenAI conventions", () => {
    const messages = read({
      input: [
        { role: "system", parts: [{ type: "text", content: "Be brief." }] },
        { role: "user", parts: [{ type: "text", content: "Hi" }] },
        { role: "tool", parts: [{ type: "tool_call_response", id: "c1", response: { ok: true } }] },
      ],
      output: [
        {
          role: "assistant",
          parts: [
            { type: "reasoning", content: "hm" },
            { type: "tool_call", id: "c2", name: "look_up", arguments: '{"term":"span"}' },
          ],
          finish_reason: "tool_calls",
        },
      ],
    });
    expect(messages.map(({ role, side }) => [role, side])).toEqual([
      ["system", "input"],
      ["user", "input"],
      ["tool", "input"],
      ["assistant", "output"],
    ]);
    expect(messages[2]?.parts).toEqual([{ kind: "toolResult", id: "c1", name: null, result: { ok: true } }]);
    expect(messages[3]).toMatchObject({
      finishReason: "tool_calls",
      parts: [
        { kind: "reasoning", text: "hm" },
        { kind: "toolCall", id: "c2", name: "look_up", args: { term: "span" } },
      ],
    });
  });

  it("takes instructions for the system from their attribute, once", () => {
    const attributes = { "gen_ai.system_instructions": '[{"type":"text","content":"Be brief."}]' };
    const user = { role: "user", content: "Hi" };
    expect(read({ input: [user], attributes }).map(messageText)).toEqual(["Be brief.", "Hi"]);
    expect(read({ input: [{ role: "system", content: "Mine" }, user], attributes })).toHaveLength(2);
  });

  it("reads what OpenAI is sent and answers", () => {
    const messages = read({
      input: JSON.stringify({
        messages: [
          { role: "developer", content: "Be brief." },
          {
            role: "user",
            content: [
              { type: "text", text: "What is this?" },
              { type: "image_url", image_url: { url: "https://example.com/a.png" } },
            ],
          },
          { role: "tool", tool_call_id: "c1", content: "42" },
        ],
      }),
      output: {
        choices: [
          {
            finish_reason: "length",
            message: {
              role: "assistant",
              content: null,
              tool_calls: [{ id: "c2", type: "function", function: { name: "add", arguments: '{"a":1}' } }],
            },
          },
        ],
      },
    });
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "tool", "assistant"]);
    expect(messages[1]?.parts[1]).toEqual({
      kind: "media",
      type: "image_url",
      dataUri: null,
      source: "https://example.com/a.png",
    });
    expect(messages[2]?.parts).toEqual([{ kind: "toolResult", id: "c1", name: null, result: "42" }]);
    expect(messages[3]).toMatchObject({
      finishReason: "length",
      parts: [{ kind: "toolCall", id: "c2", name: "add", args: { a: 1 } }],
    });
  });

  it("reads Anthropic's blocks", () => {
    const [message] = read({
      output: {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm" },
          { type: "tool_use", id: "t", name: "f", input: { x: 1 } },
        ],
        stop_reason: "tool_use",
      },
    });
    expect(message?.parts).toEqual([
      { kind: "reasoning", text: "hm" },
      { kind: "toolCall", id: "t", name: "f", args: { x: 1 } },
    ]);
  });

  it("reads LangChain's messages, plain and serialised", () => {
    const messages = read({
      input: [
        [
          { type: "human", content: "Hi" },
          { lc: 1, type: "constructor", id: ["langchain", "schema", "AIMessage"], kwargs: { content: "Hello" } },
        ],
      ],
    });
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(messages.map(messageText)).toEqual(["Hi", "Hello"]);
  });

  it("reads OpenInference's flat attributes in order", () => {
    const messages = read({
      attributes: {
        "llm.input_messages.10.message.role": "user",
        "llm.input_messages.10.message.content": "second",
        "llm.input_messages.2.message.role": "system",
        "llm.input_messages.2.message.contents.0.message_content.type": "text",
        "llm.input_messages.2.message.contents.0.message_content.text": "first",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "f",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"x":1}',
      },
    });
    expect(messages.map(messageText)).toEqual(["first", "second", ""]);
    expect(messages[2]?.parts).toEqual([{ kind: "toolCall", id: "c1", name: "f", args: { x: 1 } }]);
  });

  it("is not led astray by names of built-in properties", () => {
    const attributes = JSON.parse(
      '{"llm.input_messages.0.message.role":"constructor","llm.input_messages.0.message.content":"x","llm.input_messages.__proto__.polluted":"yes"}',
    ) as Record<string, unknown>;
    expect(read({ attributes })[0]?.role).toBe("other");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(read({ input: [{ type: "constructor", content: "x" }] })).toEqual([]);
  });

  it("shows images that are in the message, and only those", () => {
    const [message] = read({
      input: [
        {
          role: "user",
          parts: [
            { type: "blob", mime_type: "image/png", content: "QUJD" },
            { type: "uri", uri: "https://example.com/p.png" },
          ],
        },
      ],
    });
    expect(message?.parts).toMatchObject([
      { kind: "media", dataUri: "data:image/png;base64,QUJD" },
      { kind: "media", dataUri: null, source: "https://example.com/p.png" },
    ]);
  });

  it("takes OpenInference's messages out of their wrappings, also where they come put together", () => {
    const [message] = read({
      output: [
        {
          role: "assistant",
          contents: [{ message_content: { type: "text", text: "as the handbook says" } }],
          tool_calls: [{ tool_call: { id: "c", function: { name: "cite", arguments: '{"page":3}' } } }],
        },
      ],
    });
    expect(message?.parts).toEqual([
      { kind: "text", text: "as the handbook says" },
      { kind: "toolCall", id: "c", name: "cite", args: { page: 3 } },
    ]);
  });

  it.each([null, "text", 7, [], {}, [{ id: 1 }], "[not json", { messages: "none" }])("finds none in %j", (input) => {
    expect(read({ input })).toEqual([]);
  });
});
