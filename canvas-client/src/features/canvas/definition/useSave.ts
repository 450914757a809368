import { useCallback, useState } from "react";
import { useNavigate } from "react-router";
import { useMutation } from "urql";

import { workflowPath } from "@/app";
import { describeError } from "@/graphql";
import { toast } from "@/ui";

import { CanvasSaveDocument } from "../api/documents";
import { writeDraft } from "../drafts";
import type { Problem } from "./problems";

const NONE: readonly Problem[] = [];

/**
 * Saves a text as the workflow's current version; `save` tells whether it is. What is wrong with it is kept until the next
 * time.
 */
export function useSave(workflowId: string) {
  const navigate = useNavigate();
  const [{ fetching }, mutate] = useMutation(CanvasSaveDocument);
  const [problems, setProblems] = useState<readonly Problem[]>(NONE);

  const save = useCallback(
    async (source: string): Promise<boolean> => {
      const { data, error } = await mutate({ source });
      const answer = data?.saveWorkflow;
      if (!answer) {
        toast(`Not saved. ${error ? describeError(error) : "The server gave no answer."}`, { tone: "error" });
        return false;
      }
      setProblems(answer.problems);
      const saved = answer.workflow;
      if (!saved) return false;
      writeDraft(workflowId, null);
      toast(`Saved. Version ${saved.version} of ${saved.name} is the current one.`);
      // The text's own id decides which workflow it is.
      if (saved.workflowId === workflowId) return true;
      void navigate(workflowPath(saved.workflowId, "canvas", "?view=definition"));
      return false;
    },
    [mutate, navigate, workflowId],
  );
  return { save, saving: fetching, problems, clear: useCallback(() => setProblems(NONE), []) };
}
