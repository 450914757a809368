/**
 * OpenInference spreads messages over flat attributes: `llm.input_messages.0.message.role`. This puts them together again, in the
 * form that model providers use.
 */

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

export function readOpenInference(attributes: Fields, side: "input" | "output"): readonly Fields[] {
  const prefix = `llm.${side}_messages`;
  const whole = attributes[prefix];
  const root = Array.isArray(whole) ? listed(whole) : gathered(attributes, `${prefix}.`);
  return inOrder(root).flatMap((entry) => {
    const message = isFields(entry) ? entry.message : undefined;
    return isFields(message) ? [plainMessage(message)] : [];
  });
}

/** Without a prototype: keys come from outside, and `__proto__` is one like any other. */
const empty = () => Object.create(null) as Record<string, unknown>;

/** Nested objects out of dotted keys. */
function gathered(attributes: Fields, prefix: string): Fields {
  const root = empty();
  for (const [key, value] of Object.entries(attributes)) {
    if (!key.startsWith(prefix)) continue;
    const names = key.slice(prefix.length).split(".");
    const last = names.pop() ?? "";
    let at = root;
    for (const name of names) {
      const below = at[name];
      const next: Record<string, unknown> = isFields(below) ? below : empty();
      at[name] = next;
      at = next;
    }
    at[last] = value;
  }
  return root;
}

/** `[{"message.role": …}]`, as some exporters write it. */
function listed(entries: readonly unknown[]): Fields {
  return Object.fromEntries(entries.map((entry, place) => [String(place), isFields(entry) ? gathered(entry, "") : {}]));
}

function inOrder(list: unknown): unknown[] {
  if (!isFields(list)) return [];
  return Object.keys(list)
    .filter((name) => /^\d+$/.test(name))
    .sort((left, right) => Number(left) - Number(right))
    .map((place) => list[place]);
}

/** A message in the form that model providers use. */
export function plainMessage(message: Fields): Fields {
  const contents = inOrder(message.contents).map((entry) => {
    const content = isFields(entry) && isFields(entry.message_content) ? entry.message_content : {};
    const image = content.image;
    const inner = isFields(image) ? image.image : undefined;
    const url = isFields(inner) ? inner.url : undefined;
    return typeof url === "string" ? { type: "image_url", image_url: url } : content;
  });
  const calls = inOrder(message.tool_calls).map((entry) => {
    const call = isFields(entry) && isFields(entry.tool_call) ? entry.tool_call : {};
    return { id: call.id, function: call.function };
  });
  return {
    role: typeof message.role === "string" ? message.role : "message",
    name: message.name,
    content: contents.length > 0 ? contents : message.content,
    tool_call_id: message.tool_call_id,
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}
