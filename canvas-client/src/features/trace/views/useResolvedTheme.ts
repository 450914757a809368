import { useSyncExternalStore } from "react";

const root = () => document.documentElement;

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(root(), { attributes: true, attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

/** The theme that the page is drawn in: a canvas reads its colours again when it changes. */
export function useResolvedTheme(): string {
  return useSyncExternalStore(subscribe, () => root().dataset.theme ?? "");
}
