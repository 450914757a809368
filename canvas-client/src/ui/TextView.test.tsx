import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { TextView } from "./TextView";

const LINES = Array.from({ length: 40 }, (_, line) => `line ${line}`).join("\n");

describe("TextView", () => {
  it("shows the beginning, and the rest when asked for", async () => {
    const user = userEvent.setup();
    render(<TextView text={LINES} label="Text" />);
    expect(screen.queryByText(/line 39/)).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: /Show all: 28.more lines/ }));
    expect(screen.getByText(/line 39/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Show less" }));
    expect(screen.queryByText(/line 39/)).not.toBeInTheDocument();
  });

  it("has no button for a short text", () => {
    render(<TextView text="short" label="Text" />);
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
  });

  it("never puts a text of 20 MB into the page", async () => {
    const user = userEvent.setup();
    const { container } = render(<TextView text={"lorem ipsum ".repeat(1_700_000)} label="Text" />);
    expect(container.textContent.length).toBeLessThan(3_000);
    await user.click(screen.getByRole("button", { name: /Show all: 20.MB more/ }));
    expect(container.textContent.length).toBeLessThan(200_000);
    expect(screen.getByRole("region", { name: "Text" })).toBeInTheDocument();
  });
});
