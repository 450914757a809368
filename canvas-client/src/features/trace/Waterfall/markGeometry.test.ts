import { span } from "../model/testing";
import type { SpanMark } from "../model/span";
import { markGeometry } from "./markGeometry";

const scale = { window: { startMs: 0, endMs: 100 }, width: 1_000 };

const mark = (kind: SpanMark["kind"], offsetMs: number, name = kind.toLowerCase()): SpanMark => ({
  kind,
  offsetMs,
  name,
});

const drawn = (marks: readonly SpanMark[], durationMs: number | null = 50, startMs = 10) =>
  markGeometry(
    scale,
    span("s", null, { startMs, durationMs, state: durationMs === null ? "RUNNING" : "ENDED", marks }),
  ).map(({ kind, x, title }) => [kind, x, title.replaceAll("\u00a0", " ")]);

describe("marks on a bar", () => {
  it("lie where their moments are, on a running span too", () => {
    const expected = [
      ["FIRST_TOKEN", 150, "first_token after 5.0 ms"],
      ["EVENT", 300, "event after 20.0 ms"],
    ];
    expect(drawn([mark("FIRST_TOKEN", 5), mark("EVENT", 20)])).toEqual(expected);
    expect(drawn([mark("FIRST_TOKEN", 5), mark("EVENT", 20)], null)).toEqual(expected);
  });

  it("are one where they cannot be told apart, a failure if one of them is", () => {
    expect(drawn([mark("EVENT", 20, "try"), mark("EXCEPTION", 20.1, "no"), mark("EVENT", 20.4, "on")])).toEqual([
      ["EXCEPTION", 300, "try after 20.0 ms\nno after 20.1 ms"],
      ["EVENT", 304, "on after 20.4 ms"],
    ]);
    const many = Array.from({ length: 12 }, (_, at) => mark("EVENT", 20 + at / 100));
    expect(drawn(many)).toHaveLength(1);
    expect(drawn(many)[0]?.[2]).toMatch(/^(event after 20\.\d ms\n){8}and 4 more$/);
  });

  it("keep the first token apart from events beside it", () => {
    expect(drawn([mark("FIRST_TOKEN", 20), mark("EVENT", 20.1)]).map(([kind]) => kind)).toEqual([
      "FIRST_TOKEN",
      "EVENT",
    ]);
  });

  it("are not drawn out of view, nor on a bar that they would hide", () => {
    expect(drawn([mark("EVENT", -11), mark("EVENT", 91)])).toEqual([]);
    expect(drawn([mark("EVENT", 0.5)], 1.1)).toEqual([]);
  });
});
