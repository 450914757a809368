import { useEffect, useState } from "react";

import { follow } from "@/graphql";

import { useTrace } from "../../store";
import { SpanEventsSubscription } from "./documents";
import { SpanEvents } from "./spanEvents";

interface FollowedEvents {
  readonly events: SpanEvents;
  readonly version: number;
  readonly phase: "reading" | "read" | "failed";
  readonly error: string | null;
}

/** The events of the trace's spans: those stored, then the new ones for as long as the view is open. */
export function useSpanEvents(): FollowedEvents {
  const executionId = useTrace((state) => state.executionId);
  const [state, setState] = useState<FollowedEvents>(() => ({
    events: new SpanEvents(),
    version: 0,
    phase: "reading",
    error: null,
  }));
  const { events } = state;

  useEffect(() => {
    let after: string | null = null;
    return follow(SpanEventsSubscription, {
      variables: () => ({ executionId, after }),
      next: ({ traceUpdates: { cursor, caughtUp, spans } }) => {
        after = cursor;
        events.add(spans);
        setState((old) => ({
          ...old,
          version: events.version,
          phase: caughtUp || old.phase === "read" ? "read" : "reading",
        }));
      },
      error: ([first]) => {
        setState((old) => ({ ...old, phase: "failed", error: first?.message ?? "The connection was closed." }));
      },
      complete: () => setState((old) => ({ ...old, phase: "read" })),
    });
  }, [executionId, events]);

  return state;
}
