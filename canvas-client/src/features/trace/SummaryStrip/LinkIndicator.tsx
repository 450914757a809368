import { Circle, CirclePause, Unplug } from "lucide-react";

import { cx } from "@/ui";

import { useLink, useTrace, useTraceActions } from "../store";
import styles from "./SummaryStrip.module.css";

/** Whether what is seen is what is: one indicator, and it is true. */
export function LinkIndicator() {
  const link = useLink();
  const final = useTrace(({ execution }) => execution !== null && !["QUEUED", "RUNNING"].includes(execution.status));
  const following = useTrace((state) => state.following);
  const { change } = useTraceActions();
  if (link.state === "reconnecting") {
    return (
      <span className={cx(styles.link, styles.lost)}>
        <Unplug aria-hidden size={13} />
        Reconnecting
      </span>
    );
  }
  if (final || link.state === "complete" || link.state === "off") return null;
  if (link.state === "connecting") return <span className={styles.indicator}>Connecting</span>;
  return (
    <button
      type="button"
      aria-pressed={following}
      className={cx(styles.indicator, styles.live)}
      title={
        following
          ? "The newest span is kept in view. Click to stay here."
          : "Spans come in live; the view stays here. Click to follow the newest."
      }
      onClick={() => change({ following: !following })}
    >
      {following ? (
        <Circle aria-hidden size={9} fill="currentColor" className={styles.beat} />
      ) : (
        <CirclePause aria-hidden size={13} />
      )}
      {following ? "Live" : "Live, view paused"}
    </button>
  );
}
