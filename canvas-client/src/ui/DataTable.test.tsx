import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { DataTable } from "./DataTable";
import type { Column } from "./DataTable";

const COLUMNS: readonly Column<string>[] = [
  { id: "name", label: "Name", width: 100, cell: (row) => row },
  { id: "length", label: "Length", width: 80, align: "end", cell: (row) => row.length },
];

describe("DataTable", () => {
  it("is a table with its size and the places of its rows", () => {
    render(<DataTable label="Words" columns={COLUMNS} rows={["ab", "c"]} keyOf={(row) => row} />);
    const table = screen.getByRole("table", { name: "Words" });
    expect(table).toHaveAttribute("aria-rowcount", "3");
    const rows = within(table).getAllByRole("row");
    expect(rows.map((row) => row.textContent)).toEqual(["NameLength", "ab2", "c1"]);
    expect(rows[2]).toHaveAttribute("aria-rowindex", "3");
  });

  it("is chosen from by the keyboard, once a press", async () => {
    const user = userEvent.setup();
    const onSelect = vi.fn();
    render(<DataTable label="Words" columns={COLUMNS} rows={["ab", "c"]} keyOf={(row) => row} onSelect={onSelect} />);
    await user.tab();
    await user.keyboard("{ArrowDown}{Enter}");
    expect(onSelect.mock.calls).toEqual([["c"]]);
  });

  it("has one tab stop, from which keys move", async () => {
    const user = userEvent.setup();
    const rows = ["a", "b", "c"];
    render(<DataTable label="Letters" columns={COLUMNS} rows={rows} keyOf={(row) => row} onSelect={vi.fn()} />);
    await user.tab();
    expect(screen.getByRole("button", { name: "a" })).toHaveFocus();
    await user.keyboard("{ArrowDown}");
    expect(screen.getByRole("button", { name: "b" })).toHaveFocus();
    await user.keyboard("{End}{ArrowDown}");
    expect(screen.getByRole("button", { name: "c" })).toHaveFocus();
    await user.keyboard("{PageUp}");
    expect(screen.getByRole("button", { name: "a" })).toHaveFocus();
    await user.tab();
    expect(document.body).toHaveFocus();
  });

  it("puts only rows in view into the page when there are many", () => {
    const rows = Array.from({ length: 50_000 }, (_, row) => `row ${row}`);
    render(<DataTable label="Words" columns={COLUMNS} rows={rows} keyOf={(row) => row} />);
    expect(screen.getByRole("table")).toHaveAttribute("aria-rowcount", "50001");
    expect(screen.getAllByRole("row").length).toBeLessThan(100);
  });
});
