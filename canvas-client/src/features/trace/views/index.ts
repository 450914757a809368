import { lazy } from "react";
import type { ComponentType, LazyExoticComponent } from "react";

import type { TraceView } from "../store";

/** Views of the trace beside the tree, each loaded when it is first opened. */
export const VIEWS: Partial<Readonly<Record<TraceView, LazyExoticComponent<ComponentType>>>> = {
  flame: lazy(() => import("./flame/FlameView")),
  tokens: lazy(() => import("./tokens/TokensView")),
  artifacts: lazy(() => import("./artifacts/ArtifactsView")),
  events: lazy(() => import("./events/EventsView")),
};
