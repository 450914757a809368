import { useEffect, type RefObject } from "react";

import { lengthOf, pan, zoomAround, type TimeWindow } from "../model/timeScale";
import { useTraceStore } from "../store";
import { timeOfX, type Scale } from "./barGeometry";

/** Of a wheel's step; a pinch on a touch pad sends many small ones. */
const ZOOM_PER_PX = 0.002;

/** Zooms around the pointer with Ctrl and the wheel or a pinch, pans with Shift and the wheel, or sideways. */
export function useZoomGestures(
  panel: RefObject<HTMLElement | null>,
  scale: Scale,
  bounds: TimeWindow,
  nameWidth: number,
): void {
  const store = useTraceStore();
  useEffect(() => {
    const box = panel.current;
    if (box === null) return;
    const onWheel = (event: WheelEvent) => {
      const x = event.clientX - box.getBoundingClientRect().left - nameWidth;
      const { setZoom } = store.getState();
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const anchor = timeOfX(scale, Math.min(Math.max(x, 0), scale.width));
        setZoom(zoomAround(scale.window, anchor, Math.exp(event.deltaY * ZOOM_PER_PX), bounds));
        return;
      }
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (sideways === 0 || (!event.shiftKey && Math.abs(event.deltaX) < Math.abs(event.deltaY))) return;
      event.preventDefault();
      setZoom(pan(scale.window, (sideways / Math.max(1, scale.width)) * lengthOf(scale.window), bounds));
    };
    box.addEventListener("wheel", onWheel, { passive: false });
    return () => box.removeEventListener("wheel", onWheel);
  }, [panel, scale, bounds, nameWidth, store]);
}
