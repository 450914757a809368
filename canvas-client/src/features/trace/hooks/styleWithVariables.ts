import type { CSSProperties } from "react";

/** A style with custom properties, which React's type does not know. */
export function styleWithVariables(
  style: CSSProperties & Readonly<Record<`--${string}`, string | undefined>>,
): CSSProperties {
  return style;
}
