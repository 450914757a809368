import { useEffect, useState } from "react";

/** The time, read again every `milliseconds`; for "5 s ago" and for clocks of what runs. It rests while the page is hidden. */
export function useNow(milliseconds: number, enabled = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!enabled) return;
    const tick = () => {
      if (document.visibilityState === "visible") setNow(Date.now());
    };
    tick();
    const timer = setInterval(tick, milliseconds);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [milliseconds, enabled]);
  return now;
}
