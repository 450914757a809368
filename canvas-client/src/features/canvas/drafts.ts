import { create } from "zustand";

/** An edited definition that is not saved. It outlives the page that it is edited on, but not the window. */
export interface Draft {
  /** The version that was edited. */
  readonly base: number;
  readonly text: string;
}

const useDrafts = create<ReadonlyMap<string, Draft>>(() => new Map());

export const useDraft = (workflowId: string): Draft | null => useDrafts((drafts) => drafts.get(workflowId) ?? null);

export function writeDraft(workflowId: string, draft: Draft | null): void {
  const next = new Map(useDrafts.getState());
  if (draft) next.set(workflowId, draft);
  else next.delete(workflowId);
  useDrafts.setState(next, true);
}

/** Asks before the window is closed with something in it that is not saved. */
function guard(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

useDrafts.subscribe((drafts, before) => {
  if (drafts.size > 0 && before.size === 0) window.addEventListener("beforeunload", guard);
  if (drafts.size === 0) window.removeEventListener("beforeunload", guard);
});
