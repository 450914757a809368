import { useEffect, useEffectEvent, useState } from "react";

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** Takes files that are dropped anywhere on the page. Answers whether some are being dragged over it. */
export function useFileDrop(onDrop: (files: File[]) => void): boolean {
  const [dragged, setDragged] = useState(false);
  const take = useEffectEvent(onDrop);

  useEffect(() => {
    // Each element on the way tells of entering and leaving; the page has been left when all were.
    let inside = 0;
    const listeners: Partial<Record<keyof DocumentEventMap, (event: DragEvent) => void>> = {
      dragenter: () => {
        inside += 1;
        setDragged(true);
      },
      dragleave: () => {
        inside = Math.max(0, inside - 1);
        if (inside === 0) setDragged(false);
      },
      // Without this the browser opens the file instead.
      dragover: (event) => event.preventDefault(),
      drop: (event) => {
        event.preventDefault();
        inside = 0;
        setDragged(false);
        take(Array.from(event.dataTransfer?.files ?? []));
      },
    };
    const entries = Object.entries(listeners).map(
      ([name, listener]) =>
        [name, (event: Event) => hasFiles(event as DragEvent) && listener(event as DragEvent)] as const,
    );
    for (const [name, listener] of entries) document.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of entries) document.removeEventListener(name, listener);
    };
  }, []);

  return dragged;
}
