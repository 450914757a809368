import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import Markdown from "./Markdown";

describe("Markdown", () => {
  it("lays out markdown", () => {
    render(<Markdown>{"# Title\n\n- one\n- two **bold**"}</Markdown>);
    expect(screen.getByRole("heading", { name: "Title" })).toBeInTheDocument();
    expect(screen.getAllByRole("listitem")).toHaveLength(2);
  });

  it("lays out tables, which models like to answer with", () => {
    render(<Markdown>{"| check | want |\n|---|---|\n| tone | friendly |"}</Markdown>);
    expect(screen.getByRole("columnheader", { name: "want" })).toBeInTheDocument();
    expect(screen.getByRole("cell", { name: "friendly" })).toBeInTheDocument();
  });

  it("makes no HTML of HTML and loads no images", () => {
    const { container } = render(
      <Markdown>{'<img src=x onerror="alert(1)"> ![pixel](https://example.com/p.png) <script>1</script>'}</Markdown>,
    );
    expect(container.querySelector("img, script")).toBeNull();
    expect(container).toHaveTextContent("[image: pixel] https://example.com/p.png");
  });

  it("follows no address that runs something", () => {
    render(<Markdown>{"[click](javascript:alert(1)) [fine](https://example.com)"}</Markdown>);
    expect(screen.getByText("click")).not.toHaveAttribute("href", expect.stringContaining("javascript"));
    expect(screen.getByRole("link", { name: "fine" })).toHaveAttribute("rel", "noreferrer noopener");
  });

  it("keeps markers of redaction", () => {
    render(<Markdown>{"mail **[REDACTED:email]** now"}</Markdown>);
    expect(screen.getByRole("button", { name: "redacted: email" })).toBeInTheDocument();
  });
});
