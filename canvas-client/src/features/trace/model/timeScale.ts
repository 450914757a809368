/** A stretch of the trace's clock, in milliseconds from its origin. */
export interface TimeWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** Below this a window shows nothing: the finest clock counts nanoseconds. */
const SHORTEST_MS = 0.001;

export function lengthOf(window: TimeWindow): number {
  return window.endMs - window.startMs;
}

/** Where a time lies in the window: 0 at its start, 1 at its end; outside of it beyond these. */
export function fractionOf(window: TimeWindow, timeMs: number): number {
  return (timeMs - window.startMs) / Math.max(lengthOf(window), SHORTEST_MS);
}

export function timeAt(window: TimeWindow, fraction: number): number {
  return window.startMs + fraction * Math.max(lengthOf(window), SHORTEST_MS);
}

/** The window from one time to the other, in either order, within bounds and never empty. */
export function windowBetween(oneMs: number, otherMs: number, bounds: TimeWindow): TimeWindow {
  const length = Math.min(Math.max(Math.abs(otherMs - oneMs), SHORTEST_MS), Math.max(lengthOf(bounds), SHORTEST_MS));
  return within({ startMs: Math.min(oneMs, otherMs), endMs: Math.min(oneMs, otherMs) + length }, bounds);
}

/** Smaller factors zoom in; the time under the pointer stays where it is. */
export function zoomAround(window: TimeWindow, timeMs: number, factor: number, bounds: TimeWindow): TimeWindow {
  const length = Math.min(Math.max(lengthOf(window) * factor, SHORTEST_MS), lengthOf(bounds));
  const startMs = timeMs - fractionOf(window, timeMs) * length;
  return within({ startMs, endMs: startMs + length }, bounds);
}

export function pan(window: TimeWindow, byMs: number, bounds: TimeWindow): TimeWindow {
  return within({ startMs: window.startMs + byMs, endMs: window.endMs + byMs }, bounds);
}

/** The same length, moved into the bounds as far as it fits. */
function within(window: TimeWindow, bounds: TimeWindow): TimeWindow {
  const length = lengthOf(window);
  if (length >= lengthOf(bounds)) return bounds.endMs > bounds.startMs ? bounds : window;
  const startMs = Math.min(Math.max(window.startMs, bounds.startMs), bounds.endMs - length);
  return { startMs, endMs: startMs + length };
}

/** Whether a window shows all there is, so that it need not be kept. */
export function showsAll(window: TimeWindow, bounds: TimeWindow): boolean {
  return window.startMs <= bounds.startMs && window.endMs >= bounds.endMs;
}

export interface Ticks {
  readonly stepMs: number;
  /** Multiples of the step from `zeroMs`, within the window. */
  readonly timesMs: readonly number[];
}

const CLOCK_STEPS_MS = [1, 2, 5, 10, 15, 30]
  .flatMap((count) => [count * 1_000, count * 60_000, count * 3_600_000])
  .sort(ascending);

/** Round steps, at least `1 / atMost` of the window apart. */
export function ticks(window: TimeWindow, atMost: number, zeroMs: number): Ticks {
  const least = Math.max(lengthOf(window), SHORTEST_MS) / Math.max(1, atMost);
  const stepMs = roundStep(least);
  const timesMs: number[] = [];
  const first = Math.ceil((window.startMs - zeroMs) / stepMs - 1e-9);
  for (let count = first; ; count += 1) {
    const timeMs = zeroMs + count * stepMs;
    if (timeMs > window.endMs || timesMs.length > atMost + 1) break;
    timesMs.push(timeMs);
  }
  return { stepMs, timesMs };
}

function roundStep(leastMs: number): number {
  if (leastMs > 1_000) {
    const step = CLOCK_STEPS_MS.find((candidate) => candidate >= leastMs);
    if (step !== undefined) return step;
    const hours = leastMs / 3_600_000;
    return decimalStep(hours) * 3_600_000;
  }
  return decimalStep(leastMs);
}

function decimalStep(least: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * magnitude >= least * (1 - 1e-9)) ?? 10;
  return factor * magnitude;
}

/** A time on the axis, with as many decimals as its step needs and one unit for the whole axis. */
export function tickLabel(offsetMs: number, stepMs: number, longestMs: number): string {
  if (Math.abs(offsetMs) < stepMs / 2) return "0";
  const sign = offsetMs < 0 ? "−" : "";
  const ms = Math.abs(offsetMs);
  if (longestMs >= 60_000) return sign + clockLabel(ms, stepMs);
  const [unit, unitMs] = longestMs >= 1_000 ? ["s", 1_000] : longestMs >= 1 ? ["ms", 1] : ["µs", 0.001];
  return `${sign}${(ms / unitMs).toFixed(decimals(stepMs / unitMs))} ${unit}`;
}

function clockLabel(ms: number, stepMs: number): string {
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1_000;
  const parts: string[] = [];
  if (hours > 0) parts.push(`${hours} h`);
  if (minutes > 0) parts.push(`${minutes} m`);
  if (stepMs % 60_000 !== 0 || parts.length === 0) {
    const text = seconds.toFixed(decimals(stepMs / 1_000));
    if (Number(text) > 0 || parts.length === 0) parts.push(`${text} s`);
  }
  return parts.join(" ");
}

function decimals(step: number): number {
  return Math.min(9, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
}

function ascending(left: number, right: number): number {
  return left - right;
}
