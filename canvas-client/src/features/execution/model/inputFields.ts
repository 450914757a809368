/** One input of a workflow, as a form asks for it. The default in the definition says what it is. */
export interface InputField {
  readonly name: string;
  readonly kind: "text" | "longText" | "number" | "boolean" | "json";
  readonly initial: unknown;
}

/** Longer than a line of the form. */
const LONG_TEXT = 60;

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function kindOf(value: unknown): InputField["kind"] {
  if (typeof value === "string") return value.length > LONG_TEXT || value.includes("\n") ? "longText" : "text";
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "boolean" : "json";
}

/** The inputs of a definition, in its order; `inputs`, where given, are another run's, which the form starts from. */
export function inputFields(definition: unknown, inputs?: unknown): InputField[] {
  const defaults = isObject(definition) && isObject(definition.inputs) ? definition.inputs : {};
  const given = isObject(inputs) ? inputs : {};
  return Object.entries({ ...defaults, ...given }).map(([name, value]) => ({
    name,
    // A default of null says nothing about the type; what was given last time does.
    kind: kindOf(defaults[name] ?? value),
    initial: value,
  }));
}

/** What a field's control holds: a text, except for a checkbox. */
export type Draft = string | boolean;

export function draftOf({ kind, initial }: InputField): Draft {
  if (kind === "boolean") return initial === true;
  if (typeof initial === "string" && kind !== "json") return initial;
  return JSON.stringify(initial, null, kind === "json" ? 2 : undefined);
}

export type Parsed = { readonly value: unknown; readonly problem?: undefined } | { readonly problem: string };

/** The value of a field's control, or what is wrong with it. */
export function parseDraft({ kind }: InputField, draft: Draft): Parsed {
  if (typeof draft === "boolean" || kind === "text" || kind === "longText") return { value: draft };
  if (kind === "json") return parseJson(draft);
  const number = Number(draft);
  return draft.trim() === "" || !Number.isFinite(number) ? { problem: "This is not a number." } : { value: number };
}

/** JSON, or where it stops being JSON. */
export function parseJson(text: string): Parsed {
  if (text.trim() === "") return { problem: "A JSON value is missing." };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: `This is not JSON${placeOf(error, text)}.` };
  }
}

/** The inputs of a run as JSON text: an object. */
export function parseInputs(text: string): Parsed {
  const parsed = parseJson(text);
  if (parsed.problem !== undefined || isObject(parsed.value)) return parsed;
  return { problem: "The inputs have to be an object: {…}." };
}

function placeOf(error: unknown, text: string): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  if (position === undefined) return "";
  const before = text.slice(0, Number(position)).split("\n");
  return `: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
