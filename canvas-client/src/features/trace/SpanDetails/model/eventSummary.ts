/** What tells most about an event, in this order. */
const TELLING = ["exception.message", "message", "body", "log.message", "event.body"] as const;

/** One line about an event: its message, else its attributes. */
export function eventSummary(name: string, attributes: unknown): string {
  if (typeof attributes !== "object" || attributes === null) return "";
  const fields = attributes as Readonly<Record<string, unknown>>;
  for (const key of TELLING) {
    const value = fields[key];
    if (typeof value !== "string") continue;
    const type = fields["exception.type"];
    return name === "exception" && typeof type === "string" ? `${type}: ${value}` : value;
  }
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ")
    .slice(0, 300);
}
