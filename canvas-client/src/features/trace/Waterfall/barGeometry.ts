import { lengthOf, type TimeWindow } from "../model/timeScale";

/** A window of time laid over a width in pixels. */
export interface Scale {
  readonly window: TimeWindow;
  readonly width: number;
}

/** A stretch of a bar from its left end; it is open when it grows. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

export interface BarGeometry {
  readonly left: number;
  /** Null for a bar that grows until now. */
  readonly width: number | null;
  /** Where the span itself works; between them its children do. */
  readonly own: readonly Segment[];
}

/** Bars reach this far out of the window, so that their ends are not mistaken for ends in time. */
const OVERHANG = 4;

export function xOf({ window, width }: Scale, timeMs: number): number {
  const length = lengthOf(window);
  return length > 0 ? ((timeMs - window.startMs) / length) * width : 0;
}

export function timeOfX({ window, width }: Scale, x: number): number {
  return width > 0 ? window.startMs + (x / width) * lengthOf(window) : window.startMs;
}

/**
 * Where a bar lies; null when it is out of the window. `own` are the stretches of own work as start, end, start, end…; those less than
 * a pixel apart are drawn as one.
 */
export function barGeometry(
  scale: Scale,
  startMs: number,
  endMs: number | null,
  own: ArrayLike<number>,
): BarGeometry | null {
  const clip = (x: number) => Math.min(Math.max(x, -OVERHANG), scale.width + OVERHANG);
  const startX = xOf(scale, startMs);
  const endX = endMs === null ? Infinity : xOf(scale, endMs);
  if (startX > scale.width || endX < 0) return null;
  const left = clip(startX);
  const segments: { from: number; to: number }[] = [];
  for (let place = 0; place < own.length; place += 2) {
    const from = clip(xOf(scale, own[place] ?? 0)) - left;
    const last = place + 2 >= own.length;
    const to =
      endMs === null && last && own[place + 1] === Infinity ? Infinity : clip(xOf(scale, own[place + 1] ?? 0)) - left;
    const before = segments[segments.length - 1];
    if (before !== undefined && from - before.to < 1) before.to = Math.max(before.to, to);
    else segments.push({ from, to });
  }
  return { left, width: endMs === null ? null : clip(endX) - left, own: segments };
}

/** Own work as a picture for `background-image`, in the colour of the text; null when all of the bar is own work. */
export function ownPicture({ own, width }: BarGeometry): string | null {
  const [first] = own;
  if (
    own.length === 1 &&
    first !== undefined &&
    first.from <= 0.5 &&
    (first.to === Infinity || first.to >= (width ?? Infinity) - 0.5)
  ) {
    return null;
  }
  const stops: string[] = ["transparent 0"];
  for (const { from, to } of own) {
    const start = px(from);
    const end = to === Infinity ? "100%" : px(Math.max(to, from + 1));
    stops.push(`transparent ${start}`, `currentColor ${start}`, `currentColor ${end}`, `transparent ${end}`);
  }
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}

function px(value: number): string {
  return `${Math.round(value * 10) / 10}px`;
}
