import { Activity, ListTree, Workflow } from "lucide-react";
import type { ReactNode } from "react";

import { Tabs } from "@/ui";

import { useShortcuts } from "./shortcuts";
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

/** The tab list of a workflow's page; the address says which one is selected. */
export function WorkflowTabs({ children }: { readonly children: ReactNode }) {
  const { tab, setTab } = useWorkflowRoute();
  useShortcuts(
    "Workflow",
    ITEMS.map(({ id, label }, index) => ({
      id,
      keys: `alt+${index + 1}`,
      label: `Open the ${label} tab`,
      inFields: true,
      run: () => setTab(id),
    })),
  );
  return (
    <Tabs<WorkflowTab>
      label="Workflow"
      items={ITEMS}
      value={tab}
      onChange={setTab}
      activation="manual"
      onIntent={(id) => void importTab[id]()}
    >
      {children}
    </Tabs>
  );
}
