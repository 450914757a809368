/**
 * How numbers and times are written, everywhere. What is not known is written as nothing: every function gives "" for null
 * and for what is no finite number.
 */

type Amount = number | null | undefined;

const NBSP = "\u00a0";

// Made once: a table asks for hundreds at each change, and making one takes longer than using it.
const EXACT = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const CENTS = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const known = (value: Amount): value is number => typeof value === "number" && Number.isFinite(value);

/** Three significant digits, without an exponent: 870, 5.00, 12.3. */
function threeDigits(value: number): string {
  if (value >= 99.95) return Math.round(value).toString();
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** 870 µs, 5.0 ms, 3.01 s, 1 m 12 s, 2 h 05 m, 3 d 04 h. A negative one keeps its sign: it tells of clocks that disagree. */
export function formatDuration(milliseconds: Amount): string {
  if (!known(milliseconds)) return "";
  if (milliseconds < 0) return `−${formatDuration(-milliseconds)}`;
  const ms = milliseconds;
  if (ms === 0) return `0${NBSP}ms`;
  if (ms < 0.0009995) return `${Math.max(1, Math.round(ms * 1e6)).toString()}${NBSP}ns`;
  if (ms < 0.9995) return `${threeDigits(ms * 1e3)}${NBSP}µs`.replace(/\.0+(?=\D)/, "");
  if (ms < 9.995) return `${ms.toFixed(ms < 0.9995 ? 2 : 1)}${NBSP}ms`;
  if (ms < 999.5) return `${threeDigits(ms)}${NBSP}ms`;
  if (ms < 59_995) return `${threeDigits(ms / 1e3)}${NBSP}s`;
  const seconds = Math.round(ms / 1e3);
  if (seconds < 3_600) return pair(seconds, 60, "m", "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return pair(minutes, 60, "h", "m");
  return pair(Math.round(minutes / 60), 24, "d", "h");
}

function pair(small: number, base: number, large: string, unit: string): string {
  const rest = (small % base).toString().padStart(2, "0");
  return `${Math.floor(small / base).toString()}${NBSP}${large}${NBSP}${rest}${NBSP}${unit}`;
}

/** All the digits there are, for a tooltip: 3,012.480123 ms. */
export function formatDurationExact(milliseconds: Amount): string {
  if (!known(milliseconds)) return "";
  return `${EXACT.format(milliseconds)}${NBSP}ms`;
}

/** 3,102. */
export function formatCount(count: Amount): string {
  return known(count) ? WHOLE.format(count) : "";
}

/** 812, 3.1k, 12k, 1.25M: for columns; the tooltip has the exact number. */
export function formatCompact(count: Amount): string {
  if (!known(count)) return "";
  if (Math.abs(count) < 1_000) return count.toString();
  return COMPACT.format(count).replace("K", "k");
}

/** Like `formatCompact`, but nothing for zero: a span without tokens has an empty cell. */
export function formatTokens(tokens: Amount): string {
  return tokens ? formatCompact(tokens) : "";
}

/** $0.0042, $1.28; nothing for zero. */
export function formatCost(usd: Amount): string {
  if (!known(usd) || usd === 0) return "";
  if (usd < 0.00005) return "<$0.0001";
  return `$${usd < 1 ? usd.toFixed(4).replace(/(\.\d\d\d*?)0+$/, "$1") : CENTS.format(usd)}`;
}

/** As `TokenUsage` of the schema has it. */
interface CostSum {
  readonly costUsd?: number | null;
  /** Tokens of calls whose cost is not known. */
  readonly unpriced: number;
}

/** The cost of calls together: with "≥" when it leaves out some, whose models have no price. */
export function formatCostSum({ costUsd, unpriced }: CostSum): string {
  const cost = formatCost(costUsd);
  return cost !== "" && unpriced > 0 ? `≥\u00a0${cost}` : cost;
}

/** What a sum of costs leaves out; nothing when that is nothing. */
export function formatUnpriced({ unpriced }: CostSum): string | undefined {
  return unpriced > 0 ? `without the cost of ${plural(unpriced, "token")} of models that have no price` : undefined;
}

/** 512 B, 4.8 kB, 12 MB. */
export function formatBytes(bytes: Amount): string {
  if (!known(bytes)) return "";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 9.95 ? Math.round(value).toString() : value.toFixed(1);
  return `${digits}${NBSP}${units[unit] ?? ""}`;
}

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

function instant(date: string | null | undefined): number | null {
  if (!date) return null;
  const parsed = Date.parse(date);
  return Number.isNaN(parsed) ? null : parsed;
}

/** In the reader's time zone: 14:03:12 today, 21 Nov 14:03:12 this year, 21 Nov 2025 14:03:12 before. */
export function formatDateTime(date: string | null | undefined, now: number = Date.now()): string {
  const at = instant(date);
  if (at === null) return "";
  const then = new Date(at);
  const today = new Date(now);
  if (then.toDateString() === today.toDateString()) return time.format(then);
  const written = then.getFullYear() === today.getFullYear() ? day.format(then) : dayAndYear.format(then);
  return `${written} ${time.format(then)}`;
}

/** In the reader's time zone, to the millisecond and without the date: 14:03:12.480. */
export function formatTime(date: string | null | undefined): string {
  const at = instant(date);
  if (at === null) return "";
  const then = new Date(at);
  return `${time.format(then)}.${then.getMilliseconds().toString().padStart(3, "0")}`;
}

/** Date, time with milliseconds and offset from UTC, for a tooltip. */
export function formatDateTimeExact(date: string | null | undefined): string {
  const at = instant(date);
  if (at === null) return "";
  const then = new Date(at);
  const offset = -then.getTimezoneOffset();
  const sign = offset < 0 ? "−" : "+";
  const two = (value: number) => Math.floor(Math.abs(value)).toString().padStart(2, "0");
  const millis = then.getMilliseconds().toString().padStart(3, "0");
  return `${dayAndYear.format(then)} ${time.format(then)}.${millis} UTC${sign}${two(offset / 60)}:${two(offset % 60)}`;
}

/** now, 12 s ago, 5 m ago, 3 h ago, 2 d ago; a date after a month. */
export function formatAgo(date: string | null | undefined, now: number = Date.now()): string {
  const at = instant(date);
  if (at === null) return "";
  const seconds = Math.floor((now - at) / 1_000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds.toString()}${NBSP}s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60).toString()}${NBSP}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600).toString()}${NBSP}h ago`;
  if (seconds < 30 * 86_400) return `${Math.floor(seconds / 86_400).toString()}${NBSP}d ago`;
  return dayAndYear.format(new Date(at));
}

/** "1 span", "2 spans". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)}${NBSP}${count === 1 ? one : many}`;
}
