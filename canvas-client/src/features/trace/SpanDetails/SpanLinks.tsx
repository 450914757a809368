import { Link } from "react-router";

import type { SpanFacts } from "./api/spanDetails";
import { SpanLink } from "./Facts";
import styles from "./OverviewPanel.module.css";

/** Spans that this one points to: of this trace they are selected, of another one that trace is opened. */
export function SpanLinks({ facts }: { readonly facts: SpanFacts }) {
  return (
    <ul className={styles.links}>
      {facts.links.map(({ traceId, spanId, attributes }, place) => {
        const notes = Object.entries(attributes as Readonly<Record<string, unknown>>);
        return (
          // A producer may link the same span twice.
          <li key={place} className={styles.link}>
            {traceId === facts.traceId ? (
              <SpanLink spanId={spanId} />
            ) : (
              <Link to={`/traces/${traceId}?span=${spanId}`}>
                Span {spanId} of trace {traceId.slice(0, 8)}…
              </Link>
            )}
            {notes.map(([key, value]) => (
              <code key={key} className={styles.id}>
                {key}: {typeof value === "string" ? value : JSON.stringify(value)}
              </code>
            ))}
          </li>
        );
      })}
    </ul>
  );
}
