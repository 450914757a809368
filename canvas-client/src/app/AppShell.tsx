import { lazy, Suspense, useEffect, useState } from "react";
import type { ReactNode } from "react";
import { useLocation } from "react-router";

import { TooltipProvider } from "@/ui";
import { ToastRegion } from "@/ui/ToastRegion";

import styles from "./AppShell.module.css";
import { ErrorBoundary } from "./ErrorBoundary";
import { Header } from "./Header";
import { preloadable } from "./preloadable";
import { ServerBanner } from "./ServerBanner";
import { SessionGate } from "./SessionGate";
import { EVERYWHERE, useShortcutDispatch, useShortcuts } from "./shortcuts";
import { endStartRun, useStartRun } from "./startRun";
import { useAppliedTheme, useTheme } from "./theme";

const ShortcutHelp = lazy(() => import("./ShortcutHelp").then(({ ShortcutHelp }) => ({ default: ShortcutHelp })));
const palette = preloadable(() => import("./CommandPalette").then(({ CommandPalette }) => CommandPalette));
const StartRunDialog = lazy(() =>
  import("@/features/execution").then(({ StartRunDialog }) => ({ default: StartRunDialog })),
);

/** After what the page itself needs. */
const PRELOAD_AFTER_MS = 1_000;

/** What is around every page: header, dialogs of the shell, notifications. */
export function AppShell({ children }: { readonly children: ReactNode }) {
  const [open, setOpen] = useState<"help" | "palette" | null>(null);
  const { workflowId: workflowToStart, likeExecutionId } = useStartRun();
  const [, setTheme] = useTheme();
  const { pathname } = useLocation();
  const close = () => setOpen(null);

  // Who opens it types on at once; the letters would go to the page.
  useEffect(() => {
    const timer = setTimeout(palette.preload, PRELOAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);

  useAppliedTheme();
  useShortcutDispatch();
  useShortcuts(EVERYWHERE, [
    {
      id: "palette",
      keys: "mod+k",
      label: "Go to anything, run any command",
      inFields: true,
      palette: false,
      run: () => setOpen("palette"),
    },
    { id: "help", keys: "?", label: "Show the keyboard shortcuts", run: () => setOpen("help") },
    {
      id: "graphiql",
      label: "Open GraphiQL",
      keywords: ["api", "query", "schema"],
      run: () => location.assign("/graphiql"),
    },
    { id: "theme-light", label: "Theme: light", keywords: ["colour", "mode"], run: () => setTheme("light") },
    { id: "theme-dark", label: "Theme: dark", keywords: ["colour", "mode"], run: () => setTheme("dark") },
    {
      id: "theme-system",
      label: "Theme: like the system",
      keywords: ["colour", "mode"],
      run: () => setTheme("system"),
    },
  ]);

  return (
    <TooltipProvider>
      <div className={styles.shell}>
        <a href="#main" className={styles.skip}>
          Skip to the content
        </a>
        <Header onHelp={() => setOpen("help")} onPalette={() => setOpen("palette")} />
        <ServerBanner />
        <main id="main" tabIndex={-1} className={styles.main}>
          <ErrorBoundary resetKey={pathname}>
            <SessionGate>{children}</SessionGate>
          </ErrorBoundary>
        </main>
      </div>
      <ErrorBoundary resetKey={`${open ?? ""} ${workflowToStart ?? ""}`}>
        <Suspense>
          {open === "help" && <ShortcutHelp onClose={close} />}
          {open === "palette" && <palette.Part onClose={close} />}
          {workflowToStart !== null && (
            <StartRunDialog
              key={workflowToStart}
              workflowId={workflowToStart}
              likeExecutionId={likeExecutionId}
              onClose={endStartRun}
            />
          )}
        </Suspense>
      </ErrorBoundary>
      <ToastRegion />
    </TooltipProvider>
  );
}
