import { lengthOf, tickLabel, ticks } from "../model/timeScale";
import type { TimeMode } from "../store";
import { xOf, type Scale } from "./barGeometry";

/** A label needs so much room, or labels run into each other. */
const LABEL_PX: Readonly<Record<TimeMode, number>> = { relative: 64, parent: 64, absolute: 108 };

const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

export interface Axis {
  /** Time 0. */
  readonly zeroMs: number;
  readonly timeMode: TimeMode;
  /** Milliseconds since the epoch of the trace's clock. */
  readonly originMs: number;
}

export interface AxisTick {
  readonly x: number;
  readonly label: string;
  /** Near the right edge, so that the label stands on the other side of its line. */
  readonly flipped: boolean;
}

function ticksOf({ window, width }: Scale, zeroMs: number, timeMode: TimeMode) {
  if (width <= 0) return { stepMs: 1, timesMs: [] };
  return ticks(window, Math.max(1, Math.floor(width / LABEL_PX[timeMode])), zeroMs);
}

/** The last one goes without a label where it would run into the one before. */
export function axisTicks(scale: Scale, axis: Axis): readonly AxisTick[] {
  const { stepMs, timesMs } = ticksOf(scale, axis.zeroMs, axis.timeMode);
  const room = LABEL_PX[axis.timeMode] * 0.75;
  const shown: AxisTick[] = [];
  for (const timeMs of timesMs) {
    const x = xOf(scale, timeMs);
    const flipped = x > scale.width - room;
    const before = shown.at(-1)?.x ?? -Infinity;
    if (!flipped || x - before >= 2 * room) shown.push({ x, label: timeLabel(timeMs, stepMs, scale, axis), flipped });
  }
  return shown;
}

export function gridlines(scale: Scale, zeroMs: number, timeMode: TimeMode): readonly number[] {
  return ticksOf(scale, zeroMs, timeMode).timesMs.map((timeMs) => Math.round(xOf(scale, timeMs)));
}

/** A moment as the axis tells it, to a step: on the clock on the wall, or from the start of the trace. */
function timeLabel(timeMs: number, stepMs: number, { window }: Scale, { zeroMs, timeMode, originMs }: Axis): string {
  if (timeMode === "absolute") return clock.format(originMs + timeMs);
  return tickLabel(timeMs - zeroMs, stepMs, Math.max(Math.abs(window.endMs - zeroMs), lengthOf(window)));
}

/** The moment under the pointer, to a pixel. */
export function momentLabel(timeMs: number, scale: Scale, axis: Axis): string {
  const pixelMs = lengthOf(scale.window) / Math.max(1, scale.width);
  return timeLabel(timeMs, 10 ** Math.floor(Math.log10(pixelMs)), scale, axis);
}
