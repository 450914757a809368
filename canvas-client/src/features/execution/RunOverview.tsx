import { Download, ExternalLink } from "lucide-react";
import type { ReactNode } from "react";

import { CopyButton, JsonView, formatBytes } from "@/ui";

import { RunError } from "./RunError";
import { RunFacts } from "./RunFacts";
import styles from "./RunDetails.module.css";
import type { ExecutionDetails } from "./api/documents";
import { isUnfinished } from "./model/elapsed";

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);

/** How the run went: facts, error, inputs, outputs, files. */
export function RunOverview({ execution }: { readonly execution: ExecutionDetails }) {
  const { inputs, outputs, error, artifacts, externalLinks, workflowVersion } = execution;
  // Of runs of other engines only is known what their spans tell.
  const isOwn = workflowVersion != null;
  const whenNoOutputs = isUnfinished(execution)
    ? "They come when the run ends."
    : isOwn
      ? "It gave no outputs."
      : "Its spans tell of none.";
  return (
    <div className={styles.overview}>
      {error && <RunError error={error} />}
      <RunFacts execution={execution} />
      <div className={styles.values}>
        <Value
          title="Inputs"
          value={inputs}
          whenEmpty={isOwn ? "It was given no inputs." : "Its spans tell of none."}
        />
        <Value title="Outputs" value={outputs} whenEmpty={whenNoOutputs} />
      </div>
      {artifacts.nodes.length > 0 && (
        <Part title="Files">
          <ul className={styles.links}>
            {artifacts.nodes.map(({ id, name, sizeBytes, downloadUrl }) => (
              <li key={id}>
                <a href={downloadUrl} download={name} className={styles.link}>
                  <Download aria-hidden size={14} />
                  {name}
                </a>
                <span className={styles.hint}>{formatBytes(sizeBytes)}</span>
              </li>
            ))}
            {artifacts.pageInfo.hasNextPage && <li className={styles.hint}>The trace lists all of them.</li>}
          </ul>
        </Part>
      )}
      {externalLinks.length > 0 && (
        <Part title="Also shown in">
          <ul className={styles.links}>
            {externalLinks.map(({ name, url }) => (
              <li key={url}>
                <a href={url} target="_blank" rel="noreferrer" className={styles.link}>
                  <ExternalLink aria-hidden size={14} />
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  );
}

function Part({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section aria-label={title} className={styles.part}>
      <header className={styles.partHeader}>
        <h2 className={styles.partTitle}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

function Value({
  title,
  value,
  whenEmpty,
}: {
  readonly title: string;
  readonly value: unknown;
  readonly whenEmpty: string;
}) {
  const empty = isEmpty(value);
  return (
    <Part
      title={title}
      aside={
        !empty && (
          <CopyButton small label={`Copy the ${title.toLowerCase()}`} text={() => JSON.stringify(value, null, 2)} />
        )
      }
    >
      {empty ? <p className={styles.hint}>{whenEmpty}</p> : <JsonView label={title} value={value} />}
    </Part>
  );
}
