import { useEffect, useLayoutEffect, useRef } from "react";

import { matchesKeys } from "@/ui/keys";
import { readPreference } from "@/ui/preference";

/**
 * The one table of shortcuts: it registers keys, and it feeds the help behind `?` and the command palette. Components add
 * their part while they are mounted; of two with the same keys the one mounted last has them.
 */

export interface Shortcut {
  /** Unique within its scope. */
  readonly id: string;
  /** One combination or several, as `matchesKeys` takes them; none for a command of the palette alone. */
  readonly keys?: string | readonly string[];
  readonly label: string;
  /** Without it the entry only documents keys that a widget handles itself, such as the arrows of a tree. */
  readonly run?: () => void;
  /** Whether the palette lists it; it does unless told otherwise. */
  readonly palette?: boolean;
  /** Other words by which the palette finds it. */
  readonly keywords?: readonly string[];
  readonly enabled?: boolean;
  /** Also while the user types in a field. */
  readonly inFields?: boolean;
}

interface Registration {
  readonly scope: string;
  readonly current: { readonly shortcuts: readonly Shortcut[] };
}

export interface ShortcutGroup {
  readonly scope: string;
  readonly shortcuts: readonly Shortcut[];
}

/** The scope of what works on every page. */
export const EVERYWHERE = "Everywhere";

const registrations: Registration[] = [];

/** `scope` is the heading in the help, for example "Trace". The table may be new on every render. */
export function useShortcuts(scope: string, shortcuts: readonly Shortcut[]): void {
  const current = useRef({ shortcuts });

  useLayoutEffect(() => {
    current.current.shortcuts = shortcuts;
  });

  useEffect(() => {
    const registration = { scope, current: current.current };
    registrations.push(registration);
    return () => {
      registrations.splice(registrations.indexOf(registration), 1);
    };
  }, [scope]);
}

/** What is registered now, by scope, the innermost first. */
export function registeredShortcuts(): ShortcutGroup[] {
  const groups = new Map<string, Shortcut[]>();
  for (const { scope, current } of registrations.toReversed()) {
    const group = groups.get(scope) ?? [];
    groups.set(scope, group);
    group.push(...current.shortcuts.filter(({ enabled = true }) => enabled));
  }
  return Array.from(groups, ([scope, all]) => ({ scope, shortcuts: all })).filter(
    ({ shortcuts }) => shortcuts.length > 0,
  );
}

export const keysOf = ({ keys }: Shortcut): readonly string[] =>
  keys === undefined ? [] : typeof keys === "string" ? [keys] : keys;

/** Whether characters alone are shortcuts: whoever dictates, or hits keys by accident, can do without. */
export const SINGLE_KEYS = "shortcuts.singleKeys";

/** One character with no modifier but Shift. */
const isSingleKey = (keys: string) => /^(shift\+)?.$/.test(keys);

function shortcutFor(event: KeyboardEvent): Shortcut | undefined {
  const typing = isField(event.target);
  const singleKeys = readPreference<boolean>(SINGLE_KEYS, true);
  for (const { current } of registrations.toReversed()) {
    for (const shortcut of current.shortcuts) {
      const { run, enabled = true, inFields = false } = shortcut;
      if (!run || !enabled || (typing && !inFields)) continue;
      const matches = (keys: string) => (singleKeys || !isSingleKey(keys)) && matchesKeys(event, keys);
      if (keysOf(shortcut).some(matches)) return shortcut;
    }
  }
  return undefined;
}

/** For widgets that take characters themselves: whether this one means something else on this page. */
export const isShortcut = (event: KeyboardEvent): boolean => shortcutFor(event) !== undefined;

/** Runs what `event` means; answers whether there was something. */
export function dispatchShortcut(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing || isInDialog()) return false;
  const shortcut = shortcutFor(event);
  if (shortcut === undefined) return false;
  event.preventDefault();
  shortcut.run?.();
  return true;
}

/** Listens for the keys of all that is registered. Once in the application. */
export function useShortcutDispatch(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => void dispatchShortcut(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

/** A modal has the keyboard to itself. */
const isInDialog = () => document.querySelector("dialog[open]") !== null;

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("[contenteditable='true'], textarea, select")) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range"].includes(target.type);
}
