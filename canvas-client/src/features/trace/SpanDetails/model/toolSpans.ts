import type { ChatMessage } from "./messages";

export interface ToolSpan {
  readonly spanId: string;
  readonly category: string;
  readonly name: string;
  readonly startOffsetMs: number;
  readonly attributes: unknown;
}

/**
 * Which span ran which tool call, by the call's id. Ids are unique only within an agent, so `spans` are the children of the span
 * that the model call is below.
 */
export function toolSpansByCall(
  messages: readonly ChatMessage[],
  spans: readonly ToolSpan[],
): ReadonlyMap<string, string> {
  const byCall = new Map<string, string>();
  for (const { spanId, category, attributes } of spans) {
    if (category !== "TOOL" || typeof attributes !== "object" || attributes === null) continue;
    const fields = attributes as Readonly<Record<string, unknown>>;
    const id = fields["gen_ai.tool.call.id"] ?? fields["tool_call.id"] ?? fields["tool.call_id"];
    if (typeof id === "string") byCall.set(id, spanId);
  }
  if (byCall.size === 0) return byCall;
  const wanted = new Set(callIds(messages));
  return new Map([...byCall].filter(([id]) => wanted.has(id)));
}

export function callIds(messages: readonly ChatMessage[]): readonly string[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) =>
      (part.kind === "toolCall" || part.kind === "toolResult") && part.id !== null ? [part.id] : [],
    ),
  );
}
