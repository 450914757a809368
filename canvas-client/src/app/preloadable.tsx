import { lazy, useState } from "react";
import type { ComponentType } from "react";

/**
 * A part of the page whose code is loaded when it is first shown, or before. Once it is there it is drawn at once: a lazy
 * component would suspend even then, and React holds back what follows a fallback for a third of a second.
 */
export function preloadable<Props extends object = object>(
  load: () => Promise<ComponentType<Props>>,
): {
  readonly Part: ComponentType<Props>;
  readonly preload: () => void;
} {
  let loaded: ComponentType<Props> | null = null;
  const loadOnce = async () => {
    loaded = await load();
    return { default: loaded };
  };
  const Lazy: ComponentType<Props> = lazy(loadOnce);
  function Part(props: Props) {
    const [Shown] = useState(() => loaded ?? Lazy);
    return <Shown {...props} />;
  }
  return { Part, preload: () => void loadOnce().catch(() => undefined) };
}
