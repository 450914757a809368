import { Activity, ListTree, Play, Workflow } from "lucide-react";
import { useEffect } from "react";
import type { ReactNode } from "react";

import { Button, Tabs } from "@/ui";

import { useShortcuts } from "./shortcuts";
import { startRun } from "./startRun";
import { WORKFLOW_PANELS } from "./workflowPanels";
import { useWorkflowRoute } from "./workflowRoute";
import type { WorkflowTab } from "./workflowRoute";

const ITEMS = [
  { id: "canvas", label: "Canvas", icon: Workflow },
  { id: "execution", label: "Execution", icon: Activity },
  { id: "trace", label: "Trace", icon: ListTree },
] as const;

/** What the page itself needs is there by then. */
const PRELOAD_AFTER_MS = 500;

interface WorkflowTabsProps {
  /** Whether this server runs the workflow; another engine's is only watched. */
  readonly canRun: boolean;
  readonly children: ReactNode;
}

/** The tab list of a workflow's page; the address says which one is selected. */
export function WorkflowTabs({ canRun, children }: WorkflowTabsProps) {
  const { workflowId, tab, setTab } = useWorkflowRoute();
  // The tab that readers go to from either of the others.
  useEffect(() => {
    const timer = setTimeout(WORKFLOW_PANELS.trace.preload, PRELOAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const run = () => {
    if (workflowId !== null) startRun(workflowId);
  };
  useShortcuts("Workflow", [
    { id: "run", keys: "r", label: "Start a run", keywords: ["execute"], enabled: canRun, run },
    ...ITEMS.map(({ id, label }, index) => ({
      id,
      keys: `alt+${index + 1}`,
      label: `Open the ${label} tab`,
      inFields: true,
      run: () => setTab(id),
    })),
  ]);
  return (
    <Tabs<WorkflowTab>
      label="Workflow"
      items={ITEMS}
      value={tab}
      aside={
        canRun && (
          <Button icon={Play} variant="primary" onClick={run}>
            Run
          </Button>
        )
      }
      onChange={setTab}
      activation="manual"
      onIntent={(id) => WORKFLOW_PANELS[id].preload()}
    >
      {children}
    </Tabs>
  );
}
