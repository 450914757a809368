import { describe, expect, it } from "vitest";

import { explainMarker, splitMarkers } from "./markers";

describe("splitMarkers", () => {
  it("leaves a text without markers whole", () => {
    expect(splitMarkers("plain [text]")).toEqual([{ kind: "text", text: "plain [text]" }]);
  });

  it("finds markers of redaction with their rule", () => {
    expect(splitMarkers("to [REDACTED:email], [REDACTED]")).toEqual([
      { kind: "text", text: "to " },
      { kind: "redacted", text: "[REDACTED:email]", rule: "email" },
      { kind: "text", text: ", " },
      { kind: "redacted", text: "[REDACTED]", rule: null },
    ]);
  });

  it.each(["...[truncated 120 chars]", "… (truncated)", "<truncated>", "[12 items truncated]"])("finds %s", (mark) => {
    expect(splitMarkers(`before${mark}`)).toEqual([
      { kind: "text", text: "before" },
      { kind: "truncated", text: mark },
    ]);
  });

  it("does not take the word alone for a mark", () => {
    expect(splitMarkers("the list was truncated")).toHaveLength(1);
  });

  it("gives the text again when put together", () => {
    const text = "a [REDACTED:jwt] b ...[truncated] c [REDACTED:x";
    expect(
      splitMarkers(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });
});

describe("explainMarker", () => {
  it("names the rule", () => {
    expect(explainMarker({ kind: "redacted", text: "", rule: "email" })).toContain("“email”");
  });

  it("tells how much a text had that this server cut", () => {
    const [, cut] = splitMarkers("beginning… [truncated: 20000000 bytes]");
    expect(cut && explainMarker(cut)).toMatch(/^The whole text had 20\sMB\. /);
  });
});
