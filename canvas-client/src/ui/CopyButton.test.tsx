import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { CopyButton } from "./CopyButton";
import { TooltipProvider } from "./Tooltip";

describe("CopyButton", () => {
  it("copies and says so in its place", async () => {
    const user = userEvent.setup();
    const text = vi.fn(() => "the text");
    render(<CopyButton label="Copy the id" text={text} />, { wrapper: TooltipProvider });
    expect(text).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: "Copy the id" }));
    expect(await screen.findByRole("button", { name: "Copied" })).toBeInTheDocument();
    expect(screen.getByRole("status")).toHaveTextContent("Copied");
    await expect(navigator.clipboard.readText()).resolves.toBe("the text");
  });

  it("says when the browser does not allow it", async () => {
    const user = userEvent.setup();
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("no"));
    render(<CopyButton label="Copy" text="x" />, { wrapper: TooltipProvider });
    await user.click(screen.getByRole("button"));
    expect(await screen.findByRole("button", { name: /does not allow/ })).toBeInTheDocument();
  });
});
