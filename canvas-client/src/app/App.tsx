import { Suspense, lazy } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import { Provider } from "urql";

import { client } from "@/graphql";
import { Skeleton } from "@/ui";

import { AppShell } from "./AppShell";
import { UnknownPage } from "./NotFoundPage";

const WorkflowsPage = lazy(() =>
  import("@/features/workflows").then(({ WorkflowsPage }) => ({ default: WorkflowsPage })),
);
const WorkflowPage = lazy(() => import("./WorkflowPage").then(({ WorkflowPage }) => ({ default: WorkflowPage })));
const TracePage = lazy(() => import("./TracePage").then(({ TracePage }) => ({ default: TracePage })));

export function App() {
  return (
    <Provider value={client}>
      <BrowserRouter>
        <AppShell>
          <Suspense fallback={<Skeleton />}>
            <Routes>
              <Route index element={<Navigate to="/workflows" replace />} />
              <Route path="workflows" element={<WorkflowsPage />} />
              <Route path="workflows/:workflowId" element={<Navigate to="canvas" replace />} />
              <Route path="workflows/:workflowId/:tab" element={<WorkflowPage />} />
              <Route path="traces/:traceId" element={<TracePage />} />
              <Route path="*" element={<UnknownPage />} />
            </Routes>
          </Suspense>
        </AppShell>
      </BrowserRouter>
    </Provider>
  );
}
