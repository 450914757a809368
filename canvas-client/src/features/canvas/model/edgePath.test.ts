import { describe, expect, it } from "vitest";

import { laneFor, rounded, smooth } from "./edgePath";

describe("smooth", () => {
  it("leaves and enters every point along the flow", () => {
    const points = [
      { x: 0, y: 0 },
      { x: 100, y: 50 },
    ];
    expect(smooth(points, "right")).toBe("M0,0C50,0 50,50 100,50");
    expect(smooth(points, "down")).toBe("M0,0C0,25 100,25 100,50");
  });

  it("goes through all points", () => {
    const path = smooth(
      [0, 10, 20].map((x) => ({ x, y: x })),
      "right",
    );
    expect(path.match(/C/g)).toHaveLength(2);
    expect(path.endsWith("20,20")).toBe(true);
  });

  it("is nothing without points", () => {
    expect(smooth([], "right")).toBe("");
    expect(rounded([])).toBe("");
  });
});

describe("rounded", () => {
  it("rounds corners, and less where there is no room", () => {
    const corner = [
      { x: 0, y: 0 },
      { x: 100, y: 0 },
      { x: 100, y: 8 },
    ];
    expect(rounded(corner)).toBe("M0,0L90,0Q100,0 100,4L100,8");
  });

  it("takes two points in one place", () => {
    const same = [0, 0, 10].map((x) => ({ x, y: 0 }));
    expect(rounded(same)).not.toContain("NaN");
  });
});

describe("laneFor", () => {
  const stretch = { from: 0, to: 100 };

  it("is below what stands in the stretch, and only there", () => {
    const obstacles = [
      { from: 50, to: 60, bottom: 80 },
      { from: 200, to: 300, bottom: 900 },
    ];
    expect(laneFor(stretch, obstacles, [], 16)).toEqual({ from: 0, to: 100, bottom: 104 });
  });

  it("keeps away from lanes that are taken there", () => {
    const taken = [{ from: 90, to: 200, bottom: 150 }];
    expect(laneFor(stretch, [], taken, 16).bottom).toBe(174);
    expect(laneFor({ from: 0, to: 80 }, [], taken, 16).bottom).toBe(24);
  });
});
