/** The attributes of a span as a table: in groups by the first part of their keys. */

export interface AttributeRow {
  readonly key: string;
  readonly value: unknown;
}

export interface AttributeGroup {
  /** `gen_ai`; empty for keys without a dot. */
  readonly prefix: string;
  readonly rows: readonly AttributeRow[];
}

/** Only attributes whose key or value has `filter` in it, in any case of letters. Groups and keys in the order of the alphabet. */
export function groupAttributes(attributes: Readonly<Record<string, unknown>>, filter = ""): readonly AttributeGroup[] {
  const wanted = filter.trim().toLowerCase();
  const groups = new Map<string, AttributeRow[]>();
  for (const key of Object.keys(attributes).sort()) {
    const value = attributes[key];
    if (wanted !== "" && !key.toLowerCase().includes(wanted) && !attributeText(value).toLowerCase().includes(wanted))
      continue;
    const dot = key.indexOf(".");
    const prefix = dot < 0 ? "" : key.slice(0, dot);
    const rows = groups.get(prefix);
    if (rows) rows.push({ key, value });
    else groups.set(prefix, [{ key, value }]);
  }
  return Array.from(groups, ([prefix, rows]) => ({ prefix, rows }));
}

export const attributeText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Objects and lists, also those that were sent as JSON texts because attributes of OpenTelemetry hold none; else null. */
export function attributeTree(value: unknown): object | null {
  if (typeof value === "object") return value;
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return null;
  try {
    const parsed = JSON.parse(value) as unknown;
    return typeof parsed === "object" ? parsed : null;
  } catch {
    return null;
  }
}
