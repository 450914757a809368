import type { DocumentObject } from "../model/document";
import styles from "./NodePanel.module.css";

/** What the head of the panel tells already, and what is drawn as a graph of its own. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([
  "name",
  "type",
  "display_name",
  "description",
  "body",
  "graph",
  "steps",
  "tools",
  "workflow_tools",
  "position",
]);

/** Longer values are cut; the definition has all of them. */
const LONGEST = 1_200;

function written(value: unknown): string {
  const whole = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole;
}

/** How the node is set up, parameter by parameter. */
export function Parameters({ config }: { readonly config: DocumentObject }) {
  const rows = Object.entries(config).filter(([key, value]) => !TOLD_ELSEWHERE.has(key) && value !== undefined);
  if (rows.length === 0) return null;
  return (
    <section className={styles.section} aria-label="Parameters">
      <h3>Parameters</h3>
      <dl className={styles.parameters}>
        {rows.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{written(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
