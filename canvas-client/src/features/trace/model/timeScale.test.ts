import { fractionOf, lengthOf, pan, showsAll, tickLabel, ticks, timeAt, windowBetween, zoomAround } from "./timeScale";

const BOUNDS = { startMs: 100, endMs: 1_100 };

describe("a window of time", () => {
  it("tells where a time lies, and back", () => {
    expect(fractionOf(BOUNDS, 350)).toBe(0.25);
    expect(timeAt(BOUNDS, 0.25)).toBe(350);
  });

  it("stays finite when it is empty", () => {
    expect(Number.isFinite(fractionOf({ startMs: 5, endMs: 5 }, 7))).toBe(true);
  });

  it("zooms around a time, which stays where it is", () => {
    const zoomed = zoomAround(BOUNDS, 350, 0.5, BOUNDS);
    expect(lengthOf(zoomed)).toBe(500);
    expect(fractionOf(zoomed, 350)).toBeCloseTo(0.25);
  });

  it("does not leave the bounds when it zooms out or moves", () => {
    const window = { startMs: 1_000, endMs: 1_100 };
    expect(zoomAround(window, 1_050, 4, BOUNDS)).toEqual({ startMs: 700, endMs: 1_100 });
    expect(zoomAround(window, 1_050, 100, BOUNDS)).toEqual(BOUNDS);
    expect(pan(window, 500, BOUNDS)).toEqual(window);
    expect(pan(window, -5_000, BOUNDS)).toEqual({ startMs: 100, endMs: 200 });
  });

  it("cannot be zoomed to nothing", () => {
    expect(lengthOf(zoomAround(BOUNDS, 500, 1e-12, BOUNDS))).toBeCloseTo(0.001);
    expect(lengthOf(windowBetween(500, 500, BOUNDS))).toBeCloseTo(0.001);
  });

  it("is made from two times in either order", () => {
    expect(windowBetween(700, 300, BOUNDS)).toEqual({ startMs: 300, endMs: 700 });
    expect(windowBetween(0, 5_000, BOUNDS)).toEqual(BOUNDS);
    expect(showsAll(BOUNDS, BOUNDS)).toBe(true);
    expect(showsAll({ startMs: 101, endMs: 1_100 }, BOUNDS)).toBe(false);
  });
});

describe("ticks", () => {
  it("are at round times from the start of the trace, not of the window", () => {
    const { stepMs, timesMs } = ticks({ startMs: 130, endMs: 1_130 }, 5, 100);
    expect(stepMs).toBe(200);
    expect(timesMs).toEqual([300, 500, 700, 900, 1_100]);
  });

  it("go by the clock beyond a second", () => {
    expect(ticks({ startMs: 0, endMs: 100_000 }, 5, 0).stepMs).toBe(30_000);
    expect(ticks({ startMs: 0, endMs: 3_000_000 }, 4, 0).stepMs).toBe(900_000);
    expect(ticks({ startMs: 0, endMs: 400 * 3_600_000 }, 4, 0).stepMs).toBe(100 * 3_600_000);
  });

  it("are never more than asked for", () => {
    for (const length of [0.0004, 0.02, 3, 47, 999, 12_345, 7_200_000]) {
      expect(ticks({ startMs: 0, endMs: length }, 6, 0).timesMs.length).toBeLessThanOrEqual(7);
    }
  });

  it("have labels in one unit, as exact as the step", () => {
    expect(tickLabel(0, 200, 1_000)).toBe("0");
    expect(tickLabel(200, 200, 800)).toBe("200 ms");
    expect(tickLabel(500, 500, 2_000)).toBe("0.5 s");
    expect(tickLabel(0.25, 0.25, 0.9)).toBe("250 µs");
    expect(tickLabel(-100, 50, 500)).toBe("−100 ms");
    expect(tickLabel(90_000, 30_000, 120_000)).toBe("1 m 30 s");
    expect(tickLabel(3_900_000, 300_000, 7_200_000)).toBe("1 h 5 m");
  });
});
