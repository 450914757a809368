import { Unplug } from "lucide-react";
import { useEffect, useState } from "react";

import { Button, formatCount, formatDuration } from "@/ui";

import styles from "./Notices.module.css";
import { useLink, useTrace } from "./store";

/** What is wrong with what is shown, above it: the live connection is lost, or not everything could be read. */
export function Notices({ onRetry }: { readonly onRetry: () => void }) {
  const load = useTrace((state) => state.load);
  const empty = useTrace((state) => state.version === 0);
  const link = useLink();
  const onDemand = useTrace((state) => state.readChildren !== null);
  const spanCount = useTrace((state) => state.execution?.spanCount ?? 0);
  return (
    <>
      {link.state === "reconnecting" && <Lost sinceMs={link.sinceMs} />}
      {load.phase === "failed" && !empty && (
        <div role="alert" className={styles.notice}>
          Not all of the trace could be read: {load.message}
          <Button onClick={onRetry}>Try again</Button>
        </div>
      )}
      {onDemand && (
        <div className={styles.note}>
          This trace has {formatCount(spanCount)} spans. Children are read when you unfold them; search, filters and
          sorting cover what has been read.
        </div>
      )}
      {load.phase === "deleted" && (
        <div role="alert" className={styles.notice}>
          This execution was deleted. What had been read is still shown; it is gone with this page.
        </div>
      )}
    </>
  );
}

function Lost({ sinceMs }: { readonly sinceMs: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className={styles.notice}>
      <Unplug aria-hidden size={14} />
      <span role="status">The live connection is lost; reconnecting.</span>
      <span aria-hidden className={styles.clock}>
        {formatDuration(Math.max(0, Math.floor((now - sinceMs) / 1_000)) * 1_000)}
      </span>
    </div>
  );
}
