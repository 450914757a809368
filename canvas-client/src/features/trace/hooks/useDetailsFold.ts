import { usePreference } from "@/ui";

import { useTraceActions, useTraceStore } from "../store";
import { MEDIUM, useMediaQuery } from "./useMediaQuery";

/** Whether the details beside the tree are folded away; where they lie over it, whether they are closed. */
export function useDetailsFold() {
  const overlay = useMediaQuery(MEDIUM);
  const [folded, setFolded] = usePreference("trace.detailsFolded", false);
  const store = useTraceStore();
  const { change } = useTraceActions();
  const toggle = () => {
    if (overlay) change({ detailsOpen: !store.getState().detailsOpen });
    else setFolded(!folded);
  };
  return { overlay, folded, toggle };
}
