import { barGeometry, ownPicture, timeOfX, xOf, type Scale } from "./barGeometry";

const scale: Scale = { window: { startMs: 100, endMs: 300 }, width: 400 };

describe("the geometry of bars", () => {
  it("lays times over pixels and back", () => {
    expect(xOf(scale, 150)).toBe(100);
    expect(timeOfX(scale, 100)).toBe(150);
    expect(timeOfX({ ...scale, width: 0 }, 5)).toBe(100);
  });

  it("cuts a bar where it leaves the window", () => {
    expect(barGeometry(scale, 50, 200, [])).toMatchObject({ left: -4, width: 204 });
    expect(barGeometry(scale, 50, 90, [])).toBeNull();
    expect(barGeometry(scale, 310, 400, [])).toBeNull();
    expect(barGeometry(scale, -1e12, 1e12, [])).toMatchObject({ left: -4, width: 408 });
  });

  it("draws stretches less than a pixel apart as one", () => {
    const own = [100, 110, 110.2, 120, 130, 140];
    expect(barGeometry(scale, 100, 140, own)?.own).toEqual([
      { from: 0, to: 40 },
      { from: 60, to: 80 },
    ]);
  });

  it("leaves a running bar open", () => {
    expect(barGeometry(scale, 100, null, [100, Infinity])).toEqual({
      left: 0,
      width: null,
      own: [{ from: 0, to: Infinity }],
    });
  });
});

describe("the picture of own work", () => {
  const pictureOf = (start: number, end: number | null, own: number[]) => {
    const bar = barGeometry(scale, start, end, own);
    return bar === null ? undefined : ownPicture(bar);
  };

  it("is not needed when all of the bar is own work", () => {
    expect(pictureOf(100, 200, [100, 200])).toBeNull();
    expect(pictureOf(100, null, [100, Infinity])).toBeNull();
  });

  it("has a stretch for each, a pixel wide at least, the last one open while it runs", () => {
    expect(pictureOf(100, 200, [100, 100.1])).toContain("currentColor 0px, currentColor 1px");
    expect(pictureOf(100, null, [100, 110, 150, Infinity])).toContain("currentColor 100px, currentColor 100%");
    expect(pictureOf(100, 200, [])).toBe("linear-gradient(90deg, transparent 0)");
  });
});
