import { expect, test } from "vitest";

import { artifactKind } from "./artifactKind";

test.each([
  ["text/csv; charset=utf-8", "a.csv", "csv"],
  ["image/svg+xml", "a.svg", "image"],
  ["application/json", "a", "json"],
  ["application/geo+json", "a", "json"],
  ["text/html", "a.html", "html"],
  ["text/markdown; charset=utf-8", "a.md", "markdown"],
  ["text/x-python", "a.py", "text"],
  ["application/yaml", "a.yaml", "text"],
  ["text/plain", "orders.csv", "csv"],
  ["application/octet-stream", "log.TXT", "text"],
  ["application/octet-stream", "constructor", "none"],
  ["application/pdf", "a.html", "none"],
])("%s called %s is %s", (mediaType, name, kind) => {
  expect(artifactKind(mediaType, name)).toBe(kind);
});
