import { describe, expect, it } from "vitest";

import { fitted, opening, revealed } from "./viewport";

const WINDOW = { width: 1_000, height: 600 };

describe("fitted", () => {
  it("shows all of it in the middle", () => {
    const { x, y, zoom } = fitted({ width: 1_904, height: 100 }, WINDOW);
    expect(zoom).toBe(0.5);
    expect(x).toBe(24);
    expect(y).toBe(275);
  });

  it("is never larger than life", () => {
    expect(fitted({ width: 100, height: 100 }, WINDOW)).toEqual({ zoom: 1, x: 450, y: 250 });
  });

  it("is never too small to see, and begins at the beginning then", () => {
    expect(fitted({ width: 100_000, height: 100 }, WINDOW)).toEqual({ zoom: 0.05, x: 24, y: 297.5 });
  });

  it("stays finite for nothing", () => {
    expect(fitted({ width: 0, height: 0 }, WINDOW).zoom).toBe(1);
  });
});

describe("opening", () => {
  const node = { x: 8_000, y: 40, width: 228, height: 76 };

  it("is the whole while that can be read", () => {
    const graph = { width: 1_500, height: 300 };
    expect(opening(graph, WINDOW, node)).toEqual(fitted(graph, WINDOW));
  });

  it("is what matters at a readable size when the whole cannot be read", () => {
    const { x, zoom } = opening({ width: 20_000, height: 160 }, WINDOW, node);
    expect(zoom).toBe(0.8);
    const middle = (node.x + node.width / 2) * zoom + x;
    expect(middle).toBeCloseTo(500);
  });

  it("does not show what is beside the graph", () => {
    const graph = { width: 20_000, height: 160 };
    expect(opening(graph, WINDOW, { ...node, x: 0 }).x).toBe(24);
    const { x, zoom } = opening(graph, WINDOW, { ...node, x: 20_000 - 228 });
    expect(x + graph.width * zoom).toBeCloseTo(1_000 - 24);
  });
});

describe("revealed", () => {
  const place = { x: 0, y: 0, zoom: 1 };

  it("moves nothing that is in the window", () => {
    expect(revealed({ x: 100, y: 100, width: 200, height: 80 }, place, WINDOW)).toEqual(place);
  });

  it("moves as little as needed", () => {
    expect(revealed({ x: 900, y: 100, width: 200, height: 80 }, place, WINDOW)).toEqual({ x: -124, y: 0, zoom: 1 });
    expect(revealed({ x: -50, y: 590, width: 20, height: 80 }, place, WINDOW)).toEqual({ x: 74, y: -94, zoom: 1 });
  });

  it("shows the beginning of what is larger than the window", () => {
    expect(revealed({ x: 500, y: 0, width: 4_000, height: 80 }, { ...place, y: 30 }, WINDOW).x).toBe(-476);
  });
});
