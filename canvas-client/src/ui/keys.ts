/**
 * Key combinations as text: modifiers and one key joined by "+", for example "mod+k", "shift+e", "?", "arrowdown".
 * `mod` is the command key on a Mac and control elsewhere. A printed character stands for itself, however it is typed.
 */

const isMac = () => /Mac|iPhone|iPad/.test(navigator.userAgent);

const CAPS: Readonly<Record<string, string>> = {
  shift: "Shift",
  ctrl: "Ctrl",
  escape: "Esc",
  enter: "Enter",
  space: "Space",
  home: "Home",
  end: "End",
  pageup: "PgUp",
  pagedown: "PgDn",
  arrowup: "↑",
  arrowdown: "↓",
  arrowleft: "←",
  arrowright: "→",
};

function parts(keys: string): string[] {
  // The plus key itself, alone or after modifiers.
  if (keys === "+") return ["+"];
  return keys.endsWith("++") ? [...keys.slice(0, -2).split("+"), "+"] : keys.split("+");
}

/** What is printed on the keys. */
export function keyCaps(keys: string): string[] {
  const mac = isMac();
  return parts(keys).map((part) => {
    const key = part.toLowerCase();
    if (key === "mod") return mac ? "⌘" : "Ctrl";
    if (key === "alt") return mac ? "⌥" : "Alt";
    return CAPS[key] ?? key.toUpperCase();
  });
}

/** Whether `event` is the combination `keys`. */
export function matchesKeys(event: KeyboardEvent, keys: string): boolean {
  const all = parts(keys.toLowerCase());
  const key = all.at(-1) ?? "";
  const mods = new Set(all.slice(0, -1));
  const mac = isMac();
  const ctrl = mods.has("ctrl") || (mods.has("mod") && !mac);
  const meta = mods.has("mod") && mac;
  if (event.ctrlKey !== ctrl || event.metaKey !== meta || event.altKey !== mods.has("alt")) return false;
  const isLetter = /^[a-z]$/.test(key);
  // "?" needs Shift on one keyboard and not on the next, so Shift counts only with letters and named keys.
  if ((isLetter || key.length > 1 || mods.has("shift")) && event.shiftKey !== mods.has("shift")) return false;
  if (event.key.toLowerCase() === (key === "space" ? " " : key)) return true;
  // With Alt a Mac types another character; the place of the key still tells which one is meant.
  return event.altKey && (event.code === `Digit${key}` || event.code === `Key${key.toUpperCase()}`);
}
