import { screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";

import { renderAt } from "@/testing/renderApp";

import type { ArtifactSummary } from "../../store";
import { ArtifactPreview } from "./ArtifactPreview";

const artifact = (more: Partial<ArtifactSummary>): ArtifactSummary => ({
  id: "global",
  artifactId: "1",
  name: "file",
  mediaType: "text/plain",
  sizeBytes: 100,
  sha256: "0".repeat(64),
  createdAt: "2026-01-31T12:00:00Z",
  revision: 1,
  spanId: null,
  downloadUrl: "/api/artifacts/global/download",
  ...more,
});

function serve(text: string, status = 200) {
  const fetched = vi.fn<(url: string, init?: RequestInit) => Promise<Response>>(() =>
    Promise.resolve(new Response(text, { status })),
  );
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

describe("ArtifactPreview", () => {
  it("shows a page in a frame that may do nothing", () => {
    renderAt("/", <ArtifactPreview artifact={artifact({ mediaType: "text/html", name: "page.html" })} />);
    const frame = screen.getByTitle("Preview of page.html");
    expect(frame).toHaveAttribute("sandbox", "");
    expect(frame).toHaveAttribute("src", "/api/artifacts/global/preview");
  });

  it("shows comma-separated values as a table", async () => {
    serve("id,total\nA-1,20\nA-2,22.5\n");
    renderAt("/", <ArtifactPreview artifact={artifact({ mediaType: "text/csv", name: "orders.csv" })} />);
    const table = await screen.findByRole("table", { name: "orders.csv" });
    expect(table).toHaveTextContent("idtotalA-120A-222.5");
  });

  it("shows JSON as a tree, and text that is none as text", async () => {
    serve('{"a": 1}');
    const json = artifact({ mediaType: "application/json", name: "a.json" });
    const { unmount } = renderAt("/", <ArtifactPreview artifact={json} />);
    expect(await screen.findByRole("treeitem")).toHaveTextContent("a:1");
    unmount();
    serve("{broken");
    renderAt("/", <ArtifactPreview artifact={json} />);
    expect(await screen.findByText("{broken")).toBeInTheDocument();
  });

  it("loads nothing of a large file before it is asked to, and then only as much as asked for", async () => {
    const fetched = serve("first line\nsecond li");
    const { user } = renderAt("/", <ArtifactPreview artifact={artifact({ sizeBytes: 5_000_000 })} />);
    expect(fetched).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: /Show the first 256/ }));
    expect(await screen.findByText("first line")).toBeInTheDocument();
    expect(screen.getByText(/Only its beginning is shown/)).toBeInTheDocument();
    expect(fetched.mock.calls[0]?.[1]?.headers).toEqual({ range: "bytes=0-255999" });
  });

  it("offers no preview of what no browser shows", () => {
    renderAt("/", <ArtifactPreview artifact={artifact({ mediaType: "application/zip", name: "a.zip" })} />);
    expect(screen.getByText(/There is no preview of application\/zip/)).toBeInTheDocument();
  });

  it("says when the file is gone", async () => {
    serve("", 404);
    renderAt("/", <ArtifactPreview artifact={artifact({})} />);
    expect(await screen.findByRole("alert")).toHaveTextContent("not stored any more");
  });
});
