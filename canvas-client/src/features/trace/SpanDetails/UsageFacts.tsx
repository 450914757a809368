import { cx, formatCostSum, formatCount, formatUnpriced } from "@/ui";

import type { SpanFacts } from "./api/spanDetails";
import { readModel } from "./model/parameters";
import styles from "./UsageFacts.module.css";

/** Tokens and cost of the span and all below it, each counted once; nothing where there are none. */
export function UsageFacts({ facts }: { readonly facts: SpanFacts }) {
  const usage = facts.subtreeTokenUsage;
  const model = readModel(facts.attributes);
  if (usage.total === 0 && !usage.costUsd) return model === null ? null : <p className={styles.what}>{model}</p>;

  const parts = [
    { name: "input", className: styles.input, tokens: usage.input - usage.cacheRead },
    { name: "cached", className: styles.cached, tokens: usage.cacheRead },
    { name: "output", className: styles.output, tokens: usage.output - usage.reasoning },
    { name: "reasoning", className: styles.reasoning, tokens: usage.reasoning },
  ].filter(({ tokens }) => tokens > 0);
  return (
    <section aria-label="Tokens" className={styles.usage}>
      <p className={styles.sums}>
        <Sum number={formatCount(usage.input)} what="tokens in" />
        <Sum number={formatCount(usage.output)} what="tokens out" />
        {usage.costUsd ? <Sum number={formatCostSum(usage)} what={`cost ${formatUnpriced(usage) ?? ""}`} /> : null}
        <span className={styles.what}>{model ?? (facts.childCount > 0 && "with all spans below")}</span>
      </p>
      <div aria-hidden className={styles.bar}>
        {parts.map(({ name, className, tokens }) => (
          <span key={name} className={cx(styles.part, className)} style={{ flexGrow: tokens }} />
        ))}
      </div>
      {(usage.cacheRead > 0 || usage.cacheWrite > 0 || usage.reasoning > 0) && (
        <p className={styles.legend}>
          {parts.map(({ name, className, tokens }) => (
            <span key={name} className={styles.entry}>
              <span aria-hidden className={cx(styles.key, className)} />
              {formatCount(tokens)}{" "}
              {name === "cached"
                ? "of the input from the cache"
                : name === "reasoning"
                  ? "of the output reasoning"
                  : name}
            </span>
          ))}
          {usage.cacheWrite > 0 && <span>{formatCount(usage.cacheWrite)} of the input written to the cache</span>}
        </p>
      )}
    </section>
  );
}

function Sum({ number, what }: { readonly number: string; readonly what: string }) {
  return (
    <span className={styles.sum}>
      <span className={styles.number}>{number}</span> <span className={styles.what}>{what}</span>
    </span>
  );
}
