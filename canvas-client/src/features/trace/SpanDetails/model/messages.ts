import { plainMessage, readOpenInference } from "./openInference";

/** The conversation of a model call, whatever convention told it. */

export type Role = "system" | "user" | "assistant" | "tool" | "other";

export type MessagePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "reasoning"; readonly text: string }
  | { readonly kind: "toolCall"; readonly id: string | null; readonly name: string; readonly args: unknown }
  | { readonly kind: "toolResult"; readonly id: string | null; readonly name: string | null; readonly result: unknown }
  /** Something that is no text; `uri` is set only where the browser may show it without asking anybody. */
  | { readonly kind: "media"; readonly type: string; readonly dataUri: string | null; readonly source: string | null }
  | { readonly kind: "data"; readonly value: unknown };

export interface ChatMessage {
  readonly role: Role;
  /** As the producer wrote it. */
  readonly roleName: string;
  readonly name: string | null;
  readonly parts: readonly MessagePart[];
  readonly finishReason: string | null;
  /** What the model was given, or what it gave. */
  readonly side: "input" | "output";
}

export interface MessageSource {
  readonly input: unknown;
  readonly output: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** In order; empty when there is no conversation. */
export function readMessages({ input, output, attributes }: MessageSource): readonly ChatMessage[] {
  const system = systemOf(attributes["gen_ai.system_instructions"]);
  const given =
    messagesIn(input, "input") ??
    messagesIn(attributes["gen_ai.input.messages"], "input") ??
    readOpenInference(attributes, "input").map((message) => readMessage(message, "input"));
  const gave =
    messagesIn(output, "output") ??
    messagesIn(attributes["gen_ai.output.messages"], "output") ??
    readOpenInference(attributes, "output").map((message) => readMessage(message, "output"));
  if (given.length === 0 && gave.length === 0) return [];
  return [...(given.some(({ role }) => role === "system") ? [] : system), ...given, ...gave];
}

/** A list of messages, or what holds one: `{messages: […]}`, `{choices: [{message}]}`, one message, JSON text of any of these. */
function messagesIn(value: unknown, side: ChatMessage["side"]): ChatMessage[] | null {
  const found = unwrapped(value);
  if (Array.isArray(found)) {
    // Some frameworks put a list of conversations where one conversation is meant.
    const list = found.length === 1 && Array.isArray(found[0]) ? (found[0] as unknown[]) : (found as unknown[]);
    const messages = list.map(messageFields);
    if (messages.length === 0 || messages.some((message) => message === null)) return null;
    return messages.map((message) => readMessage(message ?? {}, side));
  }
  const message = messageFields(found);
  return message === null ? null : [readMessage(message, side)];
}

function unwrapped(value: unknown): unknown {
  const parsed = typeof value === "string" ? parseJson(value) : value;
  if (!isFields(parsed)) return parsed;
  const { messages, choices, generations, message, contents } = parsed;
  if (Array.isArray(messages)) {
    const instructions = text(parsed.system);
    return instructions === null ? messages : [{ role: "system", content: instructions }, ...(messages as unknown[])];
  }
  if (Array.isArray(choices)) {
    return choices.map((choice: unknown) =>
      isFields(choice) && isFields(choice.message)
        ? { finish_reason: choice.finish_reason, ...choice.message }
        : choice,
    );
  }
  if (Array.isArray(generations)) {
    return generations
      .flat()
      .map((generation: unknown) => (isFields(generation) ? (generation.message ?? generation) : generation));
  }
  if (Array.isArray(contents)) return contents;
  return isFields(message) ? message : parsed;
}

function parseJson(source: string): unknown {
  if (!/^\s*[[{]/.test(source)) return undefined;
  try {
    return JSON.parse(source) as unknown;
  } catch {
    return undefined;
  }
}

/** LangChain says `type` instead of `role` and wraps its serialised messages in `kwargs`. */
function messageFields(value: unknown): Fields | null {
  if (!isFields(value)) return null;
  if (Array.isArray(value.id) && isFields(value.kwargs)) {
    const className = String((value.id as unknown[]).at(-1));
    return { type: className.replace(/Message(?:Chunk)?$/, "").toLowerCase(), ...value.kwargs };
  }
  if (typeof value.role === "string") return value;
  const isLangChain = typeof value.type === "string" && "content" in value && LANGCHAIN_ROLES.has(value.type);
  return isLangChain ? value : null;
}

const LANGCHAIN_ROLES: ReadonlyMap<string, Role> = new Map([
  ["human", "user"],
  ["ai", "assistant"],
  ["system", "system"],
  ["tool", "tool"],
  ["function", "tool"],
]);

const ROLES: ReadonlyMap<string, Role> = new Map([
  ...LANGCHAIN_ROLES,
  ["user", "user"],
  ["assistant", "assistant"],
  ["model", "assistant"],
  ["developer", "system"],
]);

/** OpenInference's messages also come put together, with their parts still in wrappings of their own. */
const isWrapped = ({ tool_calls: calls, contents }: Fields): boolean =>
  Array.isArray(contents) || (Array.isArray(calls) && calls.some((call) => isFields(call) && isFields(call.tool_call)));

function readMessage(given: Fields, side: ChatMessage["side"]): ChatMessage {
  const message = isWrapped(given) ? plainMessage(given) : given;
  const roleName = text(message.role) ?? text(message.type) ?? "message";
  const role = ROLES.get(roleName.toLowerCase()) ?? "other";
  return {
    role,
    roleName,
    name: text(message.name),
    parts: [...contentParts(message, role), ...callParts(message)],
    finishReason: text(message.finish_reason) ?? text(message.finishReason) ?? text(message.stop_reason),
    side,
  };
}

function contentParts(message: Fields, role: Role): MessagePart[] {
  const content = message.parts ?? message.content;
  const reasoning = text(message.reasoning_content) ?? text(message.reasoning);
  const before: MessagePart[] = reasoning === null ? [] : [{ kind: "reasoning", text: reasoning }];
  if (role === "tool" && !Array.isArray(message.parts)) {
    const id = text(message.tool_call_id);
    return content == null
      ? before
      : [...before, { kind: "toolResult", id, name: text(message.name), result: content }];
  }
  if (typeof content === "string") return content === "" ? before : [...before, { kind: "text", text: content }];
  if (Array.isArray(content)) return [...before, ...content.map(readPart)];
  return content == null ? before : [...before, { kind: "data", value: content }];
}

/** OpenAI's `tool_calls`, LangChain's of the same name, and the single `function_call` of old. */
function callParts(message: Fields): MessagePart[] {
  const calls = Array.isArray(message.tool_calls) ? (message.tool_calls as unknown[]) : [];
  const single = isFields(message.function_call) ? [{ function: message.function_call }] : [];
  return [...calls, ...single].filter(isFields).map((call) => {
    const target = isFields(call.function) ? call.function : call;
    return {
      kind: "toolCall",
      id: text(call.id),
      name: text(target.name) ?? "tool",
      args: parsedArgs(target.arguments ?? target.args),
    };
  });
}

function parsedArgs(value: unknown): unknown {
  return typeof value === "string" ? (parseJson(value) ?? value) : value;
}

function readPart(part: unknown): MessagePart {
  if (typeof part === "string") return { kind: "text", text: part };
  if (!isFields(part)) return { kind: "data", value: part };
  const type = text(part.type) ?? "";
  const written = text(part.content) ?? text(part.text);
  switch (type) {
    case "reasoning":
    case "thinking":
      return { kind: "reasoning", text: written ?? text(part.thinking) ?? "" };
    case "tool_call":
    case "tool_use":
      return {
        kind: "toolCall",
        id: text(part.id),
        name: text(part.name) ?? "tool",
        args: parsedArgs(part.arguments ?? part.input),
      };
    case "tool_call_response":
    case "tool_result":
      return {
        kind: "toolResult",
        id: text(part.id) ?? text(part.tool_use_id),
        name: text(part.name),
        result: part.response ?? part.result ?? part.content,
      };
    case "text":
    case "input_text":
    case "output_text":
    case "":
      return written === null ? { kind: "data", value: part } : { kind: "text", text: written };
    default:
      return readMedia(part, type) ?? { kind: "data", value: part };
  }
}

/** Only images in the message itself are shown: another address would tell its host who reads this trace. */
function readMedia(part: Fields, type: string): MessagePart | null {
  const image = part.image_url;
  const source = isFields(part.source) ? part.source : part;
  const uri = text(image) ?? (isFields(image) ? text(image.url) : null) ?? text(part.uri) ?? text(source.url);
  const mime = text(part.mime_type) ?? text(source.media_type);
  const bytes = type === "blob" || source !== part ? (text(part.content) ?? text(source.data)) : null;
  if (uri === null && bytes === null) return null;
  const dataUri = uri?.startsWith("data:image/")
    ? uri
    : bytes !== null && mime?.startsWith("image/")
      ? `data:${mime};base64,${bytes}`
      : null;
  return {
    kind: "media",
    type: mime ?? text(part.modality) ?? type,
    dataUri,
    source: dataUri === null ? uri : null,
  };
}

function systemOf(value: unknown): ChatMessage[] {
  const found = typeof value === "string" ? (parseJson(value) ?? value) : value;
  const parts = typeof found === "string" ? [found] : Array.isArray(found) ? (found as unknown[]) : [];
  if (parts.length === 0) return [];
  return [
    { role: "system", roleName: "system", name: null, parts: parts.map(readPart), finishReason: null, side: "input" },
  ];
}

/** The words of a message on one line. */
export function messageText({ parts }: ChatMessage): string {
  return parts
    .map((part) => (part.kind === "text" || part.kind === "reasoning" ? part.text : ""))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}
