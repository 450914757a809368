import { ArrowDown } from "lucide-react";
import { useState } from "react";

import { plural } from "@/ui";

import { useTrace, useTraceActions } from "../store";
import styles from "./NewSpansPill.module.css";

/** Where the reader stopped following, how many spans have come since, and the way back. */
export function NewSpansPill() {
  const following = useTrace((state) => state.following);
  const live = useTrace((state) => state.link.state === "live");
  const view = useTrace((state) => state.sort === "start");
  const size = useTrace((state) => (state.version >= 0 ? state.tree.size : 0));
  const { change } = useTraceActions();
  const [pausedAt, setPausedAt] = useState(size);
  const [wasFollowing, setWasFollowing] = useState(following);

  if (following !== wasFollowing || (following && pausedAt !== size)) {
    setWasFollowing(following);
    setPausedAt(size);
  }
  const fresh = size - pausedAt;
  if (following || !live || !view || fresh <= 0) return null;
  return (
    <button type="button" className={styles.pill} onClick={() => change({ following: true })}>
      <ArrowDown aria-hidden size={14} />
      {plural(fresh, "new span")}, jump to live
    </button>
  );
}
