import { Activity, ListTree, Play, Workflow } from "lucide-react";
import type { ReactNode } from "react";

import { Button, Tabs } from "@/ui";

import { useShortcuts } from "./shortcuts";
import { startRun } from "./startRun";
import { useWorkflowRoute } from "./workflowRoute";
import type { WorkflowTab } from "./workflowRoute";

const ITEMS = [
  { id: "canvas", label: "Canvas", icon: Workflow },
  { id: "execution", label: "Execution", icon: Activity },
  { id: "trace", label: "Trace", icon: ListTree },
] as const;

const importTab = {
  canvas: () => import("@/features/canvas"),
  execution: () => import("@/features/execution"),
  trace: () => import("@/features/trace"),
};

interface WorkflowTabsProps {
  /** Whether this server runs the workflow; another engine's is only watched. */
  readonly canRun: boolean;
  readonly children: ReactNode;
}

/** The tab list of a workflow's page; the address says which one is selected. */
export function WorkflowTabs({ canRun, children }: WorkflowTabsProps) {
  const { workflowId, tab, setTab } = useWorkflowRoute();
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
      onIntent={(id) => void importTab[id]()}
    >
      {children}
    </Tabs>
  );
}
