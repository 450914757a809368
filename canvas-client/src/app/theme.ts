import { useEffect } from "react";

import { readPreference, usePreference } from "@/ui/preference";

export type ThemePreference = "system" | "light" | "dark";

const KEY = "theme";
const systemIsDark = () => matchMedia("(prefers-color-scheme: dark)");

const resolve = (preference: ThemePreference) =>
  preference === "system" ? (systemIsDark().matches ? "dark" : "light") : preference;

/** Sets `data-theme` of the document, on which all colours hang. */
export function applyTheme(preference: ThemePreference = readPreference<ThemePreference>(KEY, "system")): void {
  document.documentElement.dataset.theme = resolve(preference);
}

export function useTheme(): readonly [ThemePreference, (preference: ThemePreference) => void] {
  return usePreference<ThemePreference>(KEY, "system");
}

/** Keeps the document's theme at the preference, and at the system's while that is preferred. Once in the application. */
export function useAppliedTheme(): void {
  const [preference] = useTheme();
  useEffect(() => {
    applyTheme(preference);
    if (preference !== "system") return;
    const system = systemIsDark();
    const follow = () => applyTheme(preference);
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, [preference]);
}
