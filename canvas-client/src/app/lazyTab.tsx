import { lazy, useState } from "react";
import type { ComponentType } from "react";

/**
 * A tab whose code is loaded when it is first shown, or before. Once it is there it is drawn at once: a lazy component would
 * suspend even then, and React holds back what follows a fallback for a third of a second.
 */
export function lazyTab(load: () => Promise<ComponentType>): {
  readonly Tab: ComponentType;
  readonly preload: () => void;
} {
  let loaded: ComponentType | null = null;
  const loadOnce = async () => {
    loaded = await load();
    return { default: loaded };
  };
  const Lazy = lazy(loadOnce);
  function Tab() {
    const [Shown] = useState(() => loaded ?? Lazy);
    return <Shown />;
  }
  return { Tab, preload: () => void loadOnce().catch(() => undefined) };
}
