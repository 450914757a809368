import { useEffect, useState } from "react";

import { uncachedClient } from "@/graphql";

import { useTrace } from "../../store";
import type { ChatMessage } from "../model/messages";
import { callIds, toolSpansByCall } from "../model/toolSpans";
import type { ToolSpan } from "../model/toolSpans";
import { ToolSpansDocument } from "./documents";
import type { SpanFacts } from "./spanDetails";

const NONE: ReadonlyMap<string, string> = new Map();

/** The span of each tool call in the messages, by the call's id. Calls whose span is not known have no entry. */
export function useToolSpans(facts: SpanFacts, messages: readonly ChatMessage[]): ReadonlyMap<string, string> {
  const executionId = useTrace((state) => state.executionId);
  const [spans, setSpans] = useState<readonly ToolSpan[]>([]);
  const parentSpanId = facts.parentSpanId ?? null;
  const hasCalls = callIds(messages).length > 0;

  useEffect(() => {
    if (parentSpanId === null || !hasCalls) return;
    let over = false;
    void uncachedClient
      .query(ToolSpansDocument, { executionId, parentSpanId })
      .toPromise()
      .then(({ data }) => {
        // Without an answer a call is shown without a link.
        if (!over) setSpans(data?.execution?.span?.children.nodes ?? []);
      });
    return () => {
      over = true;
    };
    // Read again with the span: the tools run after the model has asked for them.
  }, [executionId, parentSpanId, hasCalls, facts.revision]);

  return spans.length === 0 ? NONE : toolSpansByCall(messages, spans);
}
