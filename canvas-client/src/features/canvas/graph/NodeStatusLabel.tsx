import { CircleDashed, CircleSlash } from "lucide-react";

import { STATUSES, cx } from "@/ui";

import { labelOfStatus } from "../model/nodeText";
import type { NodeStatus } from "../model/nodeStates";
import styles from "./NodeStatusLabel.module.css";

const NO_RUN = {
  pending: { tone: "muted", Icon: CircleDashed },
  unreached: { tone: "muted", Icon: CircleSlash },
} as const;

/** A node's state as icon and word. */
export function NodeStatusLabel({ status, short = false }: { readonly status: NodeStatus; readonly short?: boolean }) {
  const { tone, Icon } = status === "pending" || status === "unreached" ? NO_RUN[status] : STATUSES[status];
  return (
    <span className={styles.status} style={{ color: `var(--state-${tone}-text)` }}>
      <Icon aria-hidden size={13} className={cx(status === "running" && styles.spinning)} />
      <span className={short ? "visually-hidden" : undefined}>{labelOfStatus(status)}</span>
    </span>
  );
}
