import { useCallback, useSyncExternalStore } from "react";

/**
 * What a user prefers on this device: small JSON values in local storage. Where storage is refused (a private window), a
 * preference lasts as long as the page.
 */

const PREFIX = "orcheo-trace:";
const values = new Map<string, unknown>();
const listeners = new Set<() => void>();

function load(key: string): unknown {
  if (values.has(key)) return values.get(key);
  let value: unknown;
  try {
    const text = localStorage.getItem(PREFIX + key);
    value = text === null ? undefined : (JSON.parse(text) as unknown);
  } catch {
    value = undefined;
  }
  values.set(key, value);
  return value;
}

/** The stored value, or `fallback` where there is none of its type. */
export function readPreference<T>(key: string, fallback: T): T {
  const value = load(key);
  return typeof value === typeof fallback && Array.isArray(value) === Array.isArray(fallback) ? (value as T) : fallback;
}

export function writePreference(key: string, value: unknown): void {
  values.set(key, value);
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // The page's own copy has it.
  }
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Like `useState`, but kept on this device and shared by all who use the key. */
export function usePreference<T>(key: string, fallback: T): readonly [T, (value: T) => void] {
  const value = useSyncExternalStore(subscribe, () => readPreference(key, fallback));
  const set = useCallback((next: T) => writePreference(key, next), [key]);
  return [value, set];
}
