import { categoryOfSpan, CATEGORIES } from "@/ui";

import { endMs, failed, running } from "../../model/span";
import type { SpanTree } from "../../model/spanTree";
import type { TimeWindow } from "../../model/timeScale";
import type { FlameLayout } from "./flameLayout";

export const ROW = 22;
const BAR = 20;
const PADDING = 6;
const NARROWEST = 1;
/** A narrower bar has no room for a word. */
const LABEL_FROM = 28;
/** What the search does not hit stays, as the surroundings of what it does. */
const FADED = 0.35;

/** The colours of the theme, read once and not for each bar. */
export interface FlameColors {
  readonly text: string;
  readonly ground: string;
  readonly accent: string;
  readonly error: string;
  readonly onError: string;
  readonly font: string;
  readonly bar: (hue: string) => string;
}

export function readColors(element: Element): FlameColors {
  const style = getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(name).trim();
  const bars = new Map<string, string>();
  return {
    text: value("--text"),
    ground: value("--bg"),
    accent: value("--accent"),
    error: value("--state-error-bar"),
    onError: value("--on-accent"),
    font: value("--font-ui"),
    bar(hue) {
      let color = bars.get(hue);
      if (color === undefined) bars.set(hue, (color = value(`--cat-${hue}-bar`)));
      return color;
    },
  };
}

export interface FlamePicture {
  readonly tree: SpanTree;
  readonly layout: FlameLayout;
  readonly window: TimeWindow;
  readonly nowMs: number;
  readonly width: number;
  readonly height: number;
  /** Pixels above the visible part. */
  readonly scrollTop: number;
  readonly selected: number;
  readonly hovered: number;
  /** 1 for each span that is not faded; null for all. */
  readonly shown: Uint8Array | null;
  readonly colors: FlameColors;
}

/** Draws what is in view. Bars that fall on one pixel of a row are drawn once. */
export function paintFlame(context: CanvasRenderingContext2D, picture: FlamePicture): void {
  const { tree, layout, window, nowMs, width, height, scrollTop, selected, hovered, shown, colors } = picture;
  const perMs = width / Math.max(window.endMs - window.startMs, 1e-6);
  const firstRow = Math.floor(scrollTop / ROW);
  const lastRow = Math.ceil((scrollTop + height) / ROW);
  const painted = new Float64Array(Math.max(0, lastRow - firstRow + 1)).fill(-1);
  context.clearRect(0, 0, width, height);
  context.font = `11px ${colors.font}`;
  context.textBaseline = "middle";
  for (const index of layout.order) {
    const row = layout.rows[index] ?? 0;
    if (row < firstRow || row > lastRow) continue;
    const span = tree.get(index);
    if (span.startMs > window.endMs) break;
    const end = endMs(span, nowMs);
    if (end < window.startMs) continue;
    const left = Math.max(0, (span.startMs - window.startMs) * perMs);
    const right = Math.min(width, Math.max(left + NARROWEST, (end - window.startMs) * perMs));
    const isMarked = index === selected || index === hovered;
    if (right <= (painted[row - firstRow] ?? -1) && !isMarked && !failed(span)) continue;
    painted[row - firstRow] = Math.ceil(right);

    const top = row * ROW - scrollTop;
    const hue = CATEGORIES[categoryOfSpan(span.category, span.nodeType)].hue;
    const color = failed(span) ? colors.error : colors.bar(hue);
    // A line of ground between neighbours, where there is room for one.
    const gap = right - left > 3 ? 1 : 0;
    const strength = shown === null || shown[index] === 1 ? 1 : FADED;
    context.globalAlpha = (index === hovered ? 0.45 : 0.26) * strength;
    context.fillStyle = color;
    context.fillRect(left, top, right - left - gap, BAR);
    context.globalAlpha = strength;
    context.fillRect(left, top, Math.min(3, right - left), BAR);
    if (running(span)) context.fillRect(right - 2, top, 2, BAR);
    if (index === selected) {
      context.strokeStyle = colors.accent;
      context.lineWidth = 2;
      context.strokeRect(left + 1, top + 1, Math.max(2, right - left - 2 - gap), BAR - 2);
    }
    if (right - left >= LABEL_FROM) {
      context.save();
      context.beginPath();
      context.rect(left, top, right - left - PADDING, BAR);
      context.clip();
      context.fillStyle = colors.text;
      context.fillText(span.displayName, left + PADDING + 2, top + BAR / 2 + 0.5);
      context.restore();
    }
    context.globalAlpha = 1;
  }
}
