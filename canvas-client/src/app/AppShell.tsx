import { lazy, Suspense, useState } from "react";
import type { ReactNode } from "react";

import { TooltipProvider } from "@/ui";
import { ToastRegion } from "@/ui/ToastRegion";

import styles from "./AppShell.module.css";
import { Header } from "./Header";
import { useShortcutDispatch, useShortcuts } from "./shortcuts";
import { useAppliedTheme } from "./theme";

const ShortcutHelp = lazy(() => import("./ShortcutHelp").then(({ ShortcutHelp }) => ({ default: ShortcutHelp })));
const CommandPalette = lazy(() =>
  import("./CommandPalette").then(({ CommandPalette }) => ({ default: CommandPalette })),
);

/** What is around every page: header, dialogs of the shell, notifications. */
export function AppShell({ children }: { readonly children: ReactNode }) {
  const [open, setOpen] = useState<"help" | "palette" | null>(null);
  const close = () => setOpen(null);
  useAppliedTheme();
  useShortcutDispatch();
  useShortcuts("Everywhere", [
    {
      id: "palette",
      keys: "mod+k",
      label: "Go to anything, run any command",
      inFields: true,
      palette: false,
      run: () => setOpen("palette"),
    },
    { id: "help", keys: "?", label: "Show the keyboard shortcuts", run: () => setOpen("help") },
  ]);

  return (
    <TooltipProvider>
      <div className={styles.shell}>
        <a href="#main" className={styles.skip}>
          Skip to the content
        </a>
        <Header onHelp={() => setOpen("help")} onPalette={() => setOpen("palette")} />
        <main id="main" tabIndex={-1} className={styles.main}>
          {children}
        </main>
      </div>
      <Suspense>
        {open === "help" && <ShortcutHelp onClose={close} />}
        {open === "palette" && <CommandPalette onClose={close} />}
      </Suspense>
      <ToastRegion />
    </TooltipProvider>
  );
}
