import { useEffect, type RefObject } from "react";

import { formatDuration } from "@/ui";

import { isRunning, nowOf, useTrace, useTraceStore } from "../store";
import { xOf, type Scale } from "./barGeometry";

/** Clocks of running spans tick this often; more cannot be read. */
const CLOCK_MS = 100;
const CALM_CLOCK_MS = 1_000;

/** Less cannot be seen. */
const STEPS_PER_PX = 2;

function setStyle(element: HTMLElement, property: "left" | "width", value: string): void {
  if (element.style[property] !== value) element.style[property] = value;
}

/**
 * Moves the present: bars that grow (`data-grows-from`, their left end), the line of the present (`data-now`) and the future
 * (`data-future`), and writes the elapsed time into elements that carry `data-since` (a start on the trace's clock). Nothing is
 * rendered for it, and only these elements are touched: a custom property would have the style of all rows worked out anew.
 */
export function useNowTicker(element: RefObject<HTMLElement | null>, scale: Scale): void {
  const store = useTraceStore();
  const ticking = useTrace(isRunning);

  useEffect(() => {
    const box = element.current;
    if (box === null) return;
    const place = (now: number) => {
      const x = Math.round(Math.min(Math.max(xOf(scale, now), -4), scale.width + 4) * STEPS_PER_PX) / STEPS_PER_PX;
      for (const bar of box.querySelectorAll<HTMLElement>("[data-grows-from]")) {
        setStyle(bar, "width", `${Math.max(0, x - Number(bar.dataset.growsFrom))}px`);
      }
      for (const line of box.querySelectorAll<HTMLElement>("[data-now]")) setStyle(line, "left", `${x}px`);
      for (const future of box.querySelectorAll<HTMLElement>("[data-future]")) setStyle(future, "left", `${x}px`);
    };
    place(nowOf(store.getState()));
    if (!ticking) return;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const everyMs = calm ? CALM_CLOCK_MS : CLOCK_MS;
    let clockAt = 0;
    let frame = 0;
    const tick = (at: number) => {
      frame = requestAnimationFrame(tick);
      if (calm && at - clockAt < everyMs) return;
      const now = nowOf(store.getState());
      place(now);
      if (at - clockAt < everyMs) return;
      clockAt = at;
      for (const clock of box.querySelectorAll<HTMLElement>("[data-since]")) {
        const text = formatDuration(Math.max(0, now - Number(clock.dataset.since)));
        if (clock.textContent !== text) clock.textContent = text;
      }
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [element, scale, store, ticking]);
}
