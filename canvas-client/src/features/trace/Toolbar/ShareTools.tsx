import { Check, Download, Link2 } from "lucide-react";
import { useState } from "react";

import { useWorkflowRoute } from "@/app";
import { IconButton, toast } from "@/ui";

import { downloadTrace } from "../api/downloadTrace";
import { useCopy } from "../hooks/useCopy";
import { TRACE_KEYS } from "../shortcuts";
import { useTraceStore } from "../store";
import { spanLink } from "../useTraceUrl";

/** A link to what is shown, and the trace as a file. */
export function ShareTools() {
  const store = useTraceStore();
  const { params } = useWorkflowRoute();
  const { copied, copy } = useCopy();
  const [busy, setBusy] = useState(false);
  const download = () => {
    if (busy) return;
    setBusy(true);
    downloadTrace(store.getState().executionId)
      .catch(() => toast("The trace could not be downloaded. Is the server running?", { tone: "error" }))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <IconButton
        label={copied ? "Link copied" : "Copy a link to this span and view"}
        icon={copied ? Check : Link2}
        keys={TRACE_KEYS.copyLink}
        onClick={() => copy(spanLink(store.getState(), params))}
      />
      <IconButton
        label={busy ? "Reading the trace…" : "Download the trace as JSON"}
        icon={Download}
        aria-disabled={busy}
        onClick={download}
      />
    </>
  );
}
