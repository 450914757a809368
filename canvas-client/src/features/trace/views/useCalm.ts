import { useEffect, useState } from "react";

/** Often enough for the eye, rare enough for work over the whole trace. */
const EVERY_MS = 400;

/** The value, renewed at most a few times a second: for views that count the whole trace anew whenever it changes. */
export function useCalm<Value>(value: Value): Value {
  const [calm, setCalm] = useState({ value, at: 0 });

  useEffect(() => {
    if (Object.is(calm.value, value)) return;
    const wait = Math.max(0, calm.at + EVERY_MS - Date.now());
    const timer = setTimeout(() => setCalm({ value, at: Date.now() }), wait);
    return () => clearTimeout(timer);
  }, [calm, value]);

  return calm.value;
}
