import { Tooltip as Radix } from "radix-ui";
import type { ReactElement, ReactNode } from "react";

import { Keys } from "./Keys";
import styles from "./Tooltip.module.css";

interface TooltipProps {
  /** Said for the eye only: what assistive technology needs to know, `children` have to say themselves. */
  readonly text: ReactNode;
  readonly keys?: string;
  readonly side?: "top" | "right" | "bottom" | "left";
  /** One element that takes a ref. */
  readonly children: ReactElement;
}

/** Waits 400 ms, then moves without delay between neighbours. Needs a `TooltipProvider` above. */
export function Tooltip({ text, keys, side = "bottom", children }: TooltipProps) {
  return (
    <Radix.Root disableHoverableContent>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles.tooltip} side={side} sideOffset={6} collisionPadding={8}>
          {text}
          {keys && <Keys keys={keys} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function TooltipProvider({ children }: { readonly children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={400} skipDelayDuration={300}>
      {children}
    </Radix.Provider>
  );
}
