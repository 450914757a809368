import type { Box } from "./arrange";

/** Where the graph stands in its window: `x` and `y` in pixels of the window. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

interface Extent {
  readonly width: number;
  readonly height: number;
}

/** Smaller, text cannot be read. */
const READABLE = 0.55;

const MARGIN = 24;

/** Smaller, nodes cannot be told apart. */
export const SMALLEST_ZOOM = 0.05;

/** The whole, in the middle, never larger than life; of what would be too small to see, the beginning. */
export function fitted(graph: Extent, window: Extent): Viewport {
  const across = (window.width - 2 * MARGIN) / Math.max(1, graph.width);
  const down = (window.height - 2 * MARGIN) / Math.max(1, graph.height);
  const zoom = Math.max(SMALLEST_ZOOM, Math.min(1, across, down));
  const place = (inner: number, outer: number) =>
    inner * zoom > outer - 2 * MARGIN ? MARGIN : (outer - inner * zoom) / 2;
  return { zoom, x: place(graph.width, window.width), y: place(graph.height, window.height) };
}

/** The whole if it can be read then; else what matters, at a readable size, with what is around it. */
export function opening(graph: Extent, window: Extent, matters: Box | null): Viewport {
  const whole = fitted(graph, window);
  if (whole.zoom >= READABLE || !matters) return whole;
  const zoom = 0.8;
  const place = (from: number, size: number, inner: number, outer: number) => {
    const length = inner * zoom;
    if (length <= outer - 2 * MARGIN) return (outer - length) / 2;
    const wanted = outer / 2 - (from + size / 2) * zoom;
    return Math.max(outer - MARGIN - length, Math.min(MARGIN, wanted));
  };
  return {
    zoom,
    x: place(matters.x, matters.width, graph.width, window.width),
    y: place(matters.y, Math.min(matters.height, 80), graph.height, window.height),
  };
}

/** The least move that brings a box into the window. */
export function revealed(box: Box, { x, y, zoom }: Viewport, window: Extent): Viewport {
  const shift = (from: number, length: number, offset: number, size: number) => {
    const start = from * zoom + offset;
    const end = start + length * zoom;
    if (start < MARGIN || length * zoom > size - 2 * MARGIN) return MARGIN - start;
    return end > size - MARGIN ? size - MARGIN - end : 0;
  };
  return { zoom, x: x + shift(box.x, box.width, x, window.width), y: y + shift(box.y, box.height, y, window.height) };
}
