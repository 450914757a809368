import type { LazyExoticComponent, ComponentType } from "react";

import type { TraceView } from "../store";

/** Views of the trace beside the tree, each loaded when it is first opened. */
export const VIEWS: Partial<Readonly<Record<TraceView, LazyExoticComponent<ComponentType>>>> = {};
