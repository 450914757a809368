import { useMemo } from "react";

import { usePreference } from "@/ui";

import { NARROW, useMediaQuery } from "../hooks/useMediaQuery";

export interface GridGeometry {
  /** Rows of two lines, without columns. */
  readonly narrow: boolean;
  readonly rowHeight: number;
  readonly nameWidth: number;
  readonly timelineWidth: number;
  readonly showTokens: boolean;
  readonly showCost: boolean;
  /** For `grid-template-columns`. */
  readonly template: string;
}

export const NAME_MIN = 220;
const TIMELINE_MIN = 160;
const DURATION = 76;
const TOKENS = 64;
const COST = 72;
/** Columns of numbers go before the time line becomes too narrow to read. */
const ROOM_FOR_TOKENS = 640;
const ROOM_FOR_COST = 820;
const NARROW_PADDING = 12;
const DEFAULT_FRACTION = 0.42;

const ROW_HEIGHTS = { comfortable: 28, compact: 24 } as const;
export type Density = keyof typeof ROW_HEIGHTS;

/** The columns in a width, as the reader set them; `setNameWidth` takes pixels, null goes back to the default. */
export function useGridGeometry(width: number, hasTokens: boolean, hasCost: boolean) {
  const narrow = useMediaQuery(NARROW);
  const coarse = useMediaQuery("(pointer: coarse)");
  const [fraction, setFraction] = usePreference("trace.nameFraction", DEFAULT_FRACTION);
  const [density] = usePreference<Density>("trace.density", "comfortable");

  const geometry = useMemo((): GridGeometry => {
    const rowHeight = narrow || coarse ? 44 : ROW_HEIGHTS[density];
    if (narrow) {
      const timelineWidth = Math.max(0, width - 2 * NARROW_PADDING);
      return {
        narrow,
        rowHeight,
        nameWidth: width,
        timelineWidth,
        showTokens: false,
        showCost: false,
        template: "minmax(0, 1fr)",
      };
    }
    const showTokens = hasTokens && width >= ROOM_FOR_TOKENS;
    const showCost = hasCost && width >= ROOM_FOR_COST;
    const numbers = DURATION + (showTokens ? TOKENS : 0) + (showCost ? COST : 0);
    const most = Math.max(NAME_MIN, width - numbers - TIMELINE_MIN);
    const nameWidth = Math.round(Math.min(most, Math.max(NAME_MIN, fraction * width)));
    return {
      narrow,
      rowHeight,
      nameWidth,
      timelineWidth: Math.max(0, width - nameWidth - numbers),
      showTokens,
      showCost,
      template: `${nameWidth}px minmax(0, 1fr) ${DURATION}px${showTokens ? ` ${TOKENS}px` : ""}${showCost ? ` ${COST}px` : ""}`,
    };
  }, [width, narrow, coarse, density, fraction, hasTokens, hasCost]);

  const setNameWidth = (wanted: number | null) => {
    if (wanted === null) setFraction(DEFAULT_FRACTION);
    else if (width > 0) setFraction(Math.min(0.8, Math.max(NAME_MIN / width, wanted / width)));
  };
  return { geometry, setNameWidth };
}

const STEP = 14;
const LATER_STEP = 10;
const STEPS = 8;

export interface Indent {
  readonly width: number;
  /** There is no room to indent further, so the level is told as a number. */
  readonly capped: boolean;
}

/** How far a row of a level (from 1) is moved in; at most half of the column. */
export function indentOf(level: number, nameWidth: number): Indent {
  const depth = level - 1;
  const width = Math.min(depth, STEPS) * STEP + Math.max(0, depth - STEPS) * LATER_STEP;
  const most = Math.floor(nameWidth / 2);
  return width > most ? { width: most, capped: true } : { width, capped: false };
}
