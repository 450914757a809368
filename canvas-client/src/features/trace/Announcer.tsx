import { useEffect, useRef, useState } from "react";

import { STATUSES, plural, statusOfExecution } from "@/ui";

import { firstError } from "./model/navigate";
import { useTrace, useTraceStore, type TraceState } from "./store";

/** At most one message in so long. */
const QUIET_MS = 5_000;

interface Told {
  readonly status: string | undefined;
  readonly errors: number;
}

function toTell({ execution, tree }: TraceState): Told {
  return { status: execution?.status, errors: tree.errorCount };
}

function messageOf(state: TraceState, before: Told): string | null {
  const now = toTell(state);
  if (now.status !== undefined && before.status !== undefined && now.status !== before.status) {
    const word = STATUSES[statusOfExecution(now.status)].label.toLowerCase();
    return `Run ${word}${now.status === "FAILED" ? whereFirst(state) : ""}`;
  }
  return now.errors > before.errors ? `${plural(now.errors - before.errors, "new error")}${whereFirst(state)}` : null;
}

function whereFirst({ tree }: TraceState): string {
  const first = firstError(tree);
  return first < 0 ? "" : ` at ${tree.get(first).displayName}`;
}

/** Tells assistive technology what happens to a run that is watched: its status, and new errors. */
export function Announcer() {
  const store = useTraceStore();
  const [message, setMessage] = useState("");
  const loaded = useTrace((state) => state.load.phase !== "loading");
  const told = useRef<Told | null>(null);

  useEffect(() => {
    if (!loaded) return;
    told.current = toTell(store.getState());
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastAt = -Infinity;
    const tell = () => {
      timer = undefined;
      const next = messageOf(store.getState(), told.current ?? toTell(store.getState()));
      told.current = toTell(store.getState());
      if (next === null) return;
      lastAt = performance.now();
      setMessage(next);
    };
    const unsubscribe = store.subscribe((state) => {
      if (timer !== undefined || messageOf(state, told.current ?? toTell(state)) === null) return;
      timer = setTimeout(tell, Math.max(0, lastAt + QUIET_MS - performance.now()));
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [store, loaded]);

  return (
    <div aria-live="polite" className="visually-hidden">
      {message}
    </div>
  );
}
