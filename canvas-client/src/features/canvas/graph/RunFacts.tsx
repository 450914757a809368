import { Repeat, RotateCw } from "lucide-react";

import { formatDuration, formatTokens, useNow } from "@/ui";

import type { NodeRun } from "../model/nodeStates";
import styles from "./RunFacts.module.css";

/** Duration, tokens, visits and attempts, as far as there is something to tell. */
export function RunFacts({ run }: { readonly run: NodeRun }) {
  const { tokenUsage, visits, attempts } = run;
  const tokens = formatTokens(tokenUsage.total);
  return (
    <span className={styles.facts}>
      {tokens && <span>{tokens} tok</span>}
      {visits > 1 && (
        <span className={styles.counter} title={`${visits} visits`}>
          <Repeat aria-hidden size={11} />
          {visits}
        </span>
      )}
      {attempts > visits && (
        <span className={styles.retried} title={`${attempts} attempts`}>
          <RotateCw aria-hidden size={11} />
          {attempts}
        </span>
      )}
      <Duration run={run} />
    </span>
  );
}

/** Often enough that a clock with tenths of seconds does not jump. */
const TICK_MS = 200;

/** The first visit's clock ticks. When a later one began is not told, so then only what is over counts. */
function Duration({ run: { state, visits, attempts, startTime, durationMs } }: { readonly run: NodeRun }) {
  const ticks = state === "RUNNING" && visits === 1 && attempts <= 1;
  const now = useNow(TICK_MS, ticks);
  const text = formatDuration(ticks ? Math.max(0, now - Date.parse(startTime)) : durationMs);
  return text && <span className={styles.duration}>{text}</span>;
}
