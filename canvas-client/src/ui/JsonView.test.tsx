import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactElement } from "react";
import { describe, expect, it, vi } from "vitest";

import { axe } from "@/testing/axe";

import { JsonView } from "./JsonView";
import { TooltipProvider } from "./Tooltip";

const show = (view: ReactElement) => render(<TooltipProvider>{view}</TooltipProvider>);
const plain = (text: string) => text.replaceAll("\u00a0", " ");
const rows = () => screen.getAllByRole("treeitem").map((row) => plain(row.textContent));
const focused = () => plain(document.activeElement?.textContent ?? "");

const VALUE = { name: "Ada", list: [1, { deep: true }], empty: [] };

describe("JsonView", () => {
  it("is a tree with one tab stop, walked and folded by arrows", async () => {
    const user = userEvent.setup();
    show(<JsonView value={VALUE} label="Output" rows={5} />);
    expect(rows()).toEqual(['name:"Ada"', "list:2 items", "0:1", "1:{deep: true}1 key", "empty:[] empty"]);

    await user.tab();
    expect(focused()).toBe('name:"Ada"');
    await user.tab();
    expect(document.body).toHaveFocus();
    await user.tab({ shift: true });
    await user.keyboard("{ArrowDown}");
    await vi.waitFor(() => expect(focused()).toBe("list:2 items"));
    await user.keyboard("{ArrowRight}");
    await vi.waitFor(() => expect(focused()).toBe("0:1"));
    await user.keyboard("{ArrowDown}");
    await vi.waitFor(() => expect(focused()).toContain("1 key"));
    await user.keyboard("{ArrowRight}");
    await vi.waitFor(() => expect(rows()).toContain("deep:true"));
    await user.keyboard("{ArrowLeft}");
    expect(rows()).not.toContain("deep:true");
    await user.keyboard("{ArrowLeft}");
    await vi.waitFor(() => expect(focused()).toBe("list:2 items"));
    await user.keyboard("{End}");
    await vi.waitFor(() => expect(focused()).toBe("empty:[] empty"));
  });

  it("tells level, place and fold", () => {
    show(<JsonView value={VALUE} label="Output" />);
    const item = screen.getByRole("treeitem", { name: /deep/ });
    expect(item).toHaveAttribute("aria-level", "3");
    const list = screen.getByRole("treeitem", { name: /list/ });
    expect(list).toHaveAttribute("aria-expanded", "true");
    expect(list).toHaveAttribute("aria-posinset", "2");
    expect(list).toHaveAttribute("aria-setsize", "3");
  });

  it("copies the value of the row", async () => {
    const user = userEvent.setup();
    show(<JsonView value={VALUE} label="Output" />);
    await user.tab();
    await user.keyboard("{ArrowDown}");
    await vi.waitFor(() => expect(focused()).toContain("list"));
    await user.keyboard("{Control>}c{/Control}");
    await expect(navigator.clipboard.readText()).resolves.toBe('[\n  1,\n  {\n    "deep": true\n  }\n]');
  });

  it("explains what was taken out", async () => {
    const user = userEvent.setup();
    show(<JsonView value={{ mail: "to [REDACTED:email]" }} label="Output" />);
    await user.click(screen.getByRole("button", { name: "redacted: email" }));
    expect(await screen.findByText(/matched the rule “email”/)).toBeInTheDocument();
  });

  it("has nothing that axe would find", async () => {
    const { container } = show(<JsonView value={VALUE} label="Output" />);
    await expect(axe(container)).resolves.toEqual([]);
  });
});
