import { ArrowRight, ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";

import { TextView, cx } from "@/ui";

import { failed } from "../model/span";
import type { SpanRecord } from "../model/span";
import { useSpans, useTraceActions } from "../store";
import type { SpanFacts } from "./api/spanDetails";
import styles from "./FailureBanner.module.css";
import { attemptsOf } from "./model/attempts";
import { readFailure } from "./model/failure";

/** Why the span failed or was left behind; nothing when all went well. */
export function FailureBanner({ span }: { readonly span: SpanFacts }) {
  const [showsStack, setShowsStack] = useState(false);
  const failure = readFailure(span);
  if (failure === null) {
    if (span.state !== "ABANDONED") return null;
    return (
      <div className={cx(styles.banner, styles.lost)}>
        Nobody saw the end of this span: its execution was over before the span was reported as ended.
      </div>
    );
  }

  const { type, message, stack, ownFrame } = failure;
  const Chevron = showsStack ? ChevronDown : ChevronRight;
  return (
    <section aria-label="Failure" className={styles.banner}>
      <p className={styles.type}>{type ?? "Failed"}</p>
      {message !== null && (
        <div className={styles.message}>
          <TextView text={message} label="Message" mono={false} lines={6} />
        </div>
      )}
      {ownFrame !== null && !showsStack && <code className={styles.frame}>{ownFrame}</code>}
      <div className={styles.more}>
        {stack !== null && (
          <button
            type="button"
            className={styles.link}
            aria-expanded={showsStack}
            onClick={() => setShowsStack(!showsStack)}
          >
            <Chevron aria-hidden size={12} />
            Stack
          </button>
        )}
        <RetryLink span={span} />
      </div>
      {stack !== null && showsStack && (
        <div className={styles.stack}>
          <TextView text={stack} label="Stack" lines={200} />
        </div>
      )}
    </section>
  );
}

/** To the last attempt, when this was not it. */
function RetryLink({ span }: { readonly span: SpanFacts }) {
  const { tree } = useSpans();
  const { selectSpan } = useTraceActions();
  const last = attemptsOf(tree, span).reduce<SpanRecord | null>(
    (newest, one) => (newest === null || (one.attempt ?? 0) > (newest.attempt ?? 0) ? one : newest),
    null,
  );
  if (last === null || (last.attempt ?? 0) <= (span.attempt ?? 0)) return null;
  const outcome = last.state === "RUNNING" ? "is running" : failed(last) ? "failed" : "succeeded";
  return (
    <button type="button" className={styles.link} onClick={() => selectSpan(last.spanId, { reveal: true })}>
      Attempt {last.attempt} {outcome}
      <ArrowRight aria-hidden size={12} />
    </button>
  );
}
