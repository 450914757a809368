import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import { registeredShortcuts, useShortcutDispatch, useShortcuts } from "./shortcuts";
import type { Shortcut } from "./shortcuts";

function Scope({ scope, shortcuts }: { readonly scope: string; readonly shortcuts: readonly Shortcut[] }) {
  useShortcuts(scope, shortcuts);
  return null;
}

function Host({ children }: { readonly children: React.ReactNode }) {
  useShortcutDispatch();
  return (
    <>
      <input aria-label="field" />
      {children}
    </>
  );
}

it("runs what was registered last, as it is now", async () => {
  const [outer, first, second] = [vi.fn(), vi.fn(), vi.fn()];
  const user = userEvent.setup();
  const page = (run: () => void) => (
    <Host>
      <Scope scope="Everywhere" shortcuts={[{ id: "a", keys: "e", label: "Outer", run: outer }]} />
      <Scope scope="Trace" shortcuts={[{ id: "a", keys: ["e", "shift+e"], label: "Inner", run }]} />
    </Host>
  );
  const { rerender } = render(page(first));
  rerender(page(second));
  await user.keyboard("e");
  await user.keyboard("{Shift>}E{/Shift}");
  expect(second).toHaveBeenCalledTimes(2);
  expect(first).not.toHaveBeenCalled();
  expect(outer).not.toHaveBeenCalled();
});

it("leaves the keys to who types, except for those that work in fields", async () => {
  const [plain, chord] = [vi.fn(), vi.fn()];
  const user = userEvent.setup();
  render(
    <Host>
      <Scope
        scope="Everywhere"
        shortcuts={[
          { id: "a", keys: "e", label: "Plain", run: plain },
          { id: "b", keys: "mod+k", label: "Chord", inFields: true, run: chord },
        ]}
      />
    </Host>,
  );
  await user.click(screen.getByRole("textbox"));
  await user.keyboard("e{Control>}k{/Control}");
  expect(screen.getByRole("textbox")).toHaveValue("e");
  expect(plain).not.toHaveBeenCalled();
  expect(chord).toHaveBeenCalledOnce();
});

it("leaves the keys to an open dialog", async () => {
  const run = vi.fn();
  render(
    <Host>
      <dialog open />
      <Scope scope="Everywhere" shortcuts={[{ id: "a", keys: "e", label: "A", run }]} />
    </Host>,
  );
  await userEvent.setup().keyboard("e");
  expect(run).not.toHaveBeenCalled();
});

it("lists the innermost scope first, without what is disabled, and forgets what is gone", () => {
  const { unmount } = render(
    <Host>
      <Scope scope="Everywhere" shortcuts={[{ id: "a", keys: "?", label: "Help" }]} />
      <Scope
        scope="Trace"
        shortcuts={[
          { id: "a", keys: "e", label: "Next error" },
          { id: "b", keys: "p", label: "Critical path", enabled: false },
        ]}
      />
    </Host>,
  );
  expect(registeredShortcuts().map(({ scope, shortcuts }) => [scope, shortcuts.map(({ label }) => label)])).toEqual([
    ["Trace", ["Next error"]],
    ["Everywhere", ["Help"]],
  ]);
  unmount();
  expect(registeredShortcuts()).toEqual([]);
});
