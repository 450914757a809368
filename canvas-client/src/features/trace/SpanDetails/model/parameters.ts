/** How a model was asked to answer. */
export interface Parameter {
  readonly name: string;
  readonly value: unknown;
}

const REQUEST = "gen_ai.request.";
/** Shown elsewhere. */
const NOT_PARAMETERS = new Set(["gen_ai.request.model"]);

/** From the GenAI conventions, or from OpenInference's `llm.invocation_parameters`. */
export function readParameters(attributes: Readonly<Record<string, unknown>>): readonly Parameter[] {
  const parameters = Object.keys(attributes)
    .filter((key) => key.startsWith(REQUEST) && !NOT_PARAMETERS.has(key))
    .map((key) => ({ name: key.slice(REQUEST.length), value: attributes[key] }));
  if (parameters.length > 0) return parameters;
  const invocation = attributes["llm.invocation_parameters"];
  if (typeof invocation !== "string") return [];
  try {
    const value = JSON.parse(invocation) as unknown;
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).map(([name, item]) => ({ name, value: item as unknown }));
  } catch {
    return [];
  }
}

/** The model that answered, else the one that was asked, with its provider. */
export function readModel(attributes: Readonly<Record<string, unknown>>): string | null {
  const text = (key: string) => (typeof attributes[key] === "string" ? attributes[key] : null);
  const model = text("gen_ai.response.model") ?? text("gen_ai.request.model") ?? text("llm.model_name");
  if (model === null) return null;
  const provider = text("gen_ai.provider.name") ?? text("gen_ai.system") ?? text("llm.provider");
  return provider === null ? model : `${model} (${provider})`;
}
