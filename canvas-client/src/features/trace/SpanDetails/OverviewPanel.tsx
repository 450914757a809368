import { useMemo } from "react";
import type { ReactNode } from "react";

import { JsonView, TextView, formatBytes } from "@/ui";

import type { ArtifactSummary } from "../store";
import type { PayloadPart, SpanFacts } from "./api/spanDetails";
import { Fact, Facts } from "./Facts";
import { readParameters } from "./model/parameters";
import styles from "./OverviewPanel.module.css";
import { SpanFactsList } from "./SpanFactsList";
import { SpanLinks } from "./SpanLinks";
import { conversationOf, type TabId } from "./tabs";
import { UsageFacts } from "./UsageFacts";

interface OverviewPanelProps {
  readonly facts: SpanFacts;
  readonly payload: PayloadPart;
  readonly artifacts: readonly ArtifactSummary[];
  readonly onOpen: (tab: TabId) => void;
}

/** What the span is, and the beginning of what went in and came out. */
export function OverviewPanel({ facts, payload, artifacts, onOpen }: OverviewPanelProps) {
  const parameters = readParameters(facts.attributes);
  const talks = useMemo(() => conversationOf(facts, payload).length > 0, [facts, payload]);
  const { input = null, output = null } = payload.data ?? {};
  // A request or a query says in its attributes what it was.
  const bare = payload.data !== null && input === null && output === null && Object.keys(facts.attributes).length > 0;
  return (
    <div className={styles.panel}>
      <SpanFactsList facts={facts} />
      <UsageFacts facts={facts} />
      {artifacts.length > 0 && (
        <Section title="Artifacts" aside={<Open onClick={() => onOpen("artifacts")}>Preview</Open>}>
          <Facts wide={false}>
            {artifacts.map(({ artifactId, name, sizeBytes }) => (
              <Fact key={artifactId} name={formatBytes(sizeBytes)}>
                {name}
              </Fact>
            ))}
          </Facts>
        </Section>
      )}
      {!talks && input !== null && (
        <Section title="Input" aside={<Open onClick={() => onOpen("input")}>Open</Open>}>
          <Preview value={input} label="Input" />
        </Section>
      )}
      {!talks && output !== null && (
        <Section title="Output" aside={<Open onClick={() => onOpen("output")}>Open</Open>}>
          <Preview value={output} label="Output" />
        </Section>
      )}
      {bare && (
        <Section title="Attributes" aside={<Open onClick={() => onOpen("attributes")}>Open</Open>}>
          <Preview value={facts.attributes} label="Attributes" />
        </Section>
      )}
      {parameters.length > 0 && (
        <Section title="Model parameters">
          <Facts>
            {parameters.map(({ name, value }) => (
              <Fact key={name} name={name}>
                {typeof value === "string" ? value : JSON.stringify(value)}
              </Fact>
            ))}
          </Facts>
        </Section>
      )}
      {facts.links.length > 0 && (
        <Section title="Links">
          <SpanLinks facts={facts} />
        </Section>
      )}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

function Section({ title, aside, children }: SectionProps) {
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>
        {title}
        {aside}
      </h3>
      {children}
    </section>
  );
}

function Open({ onClick, children }: { readonly onClick: () => void; readonly children: string }) {
  return (
    <button type="button" className={styles.open} onClick={onClick}>
      {children}
    </button>
  );
}

function Preview({ value, label }: { readonly value: unknown; readonly label: string }) {
  if (typeof value === "string") {
    return (
      <div className={`${styles.box ?? ""} ${styles.text ?? ""}`}>
        <TextView text={value} label={label} lines={8} />
      </div>
    );
  }
  return (
    <div className={styles.box}>
      <JsonView value={value} label={label} rows={12} />
    </div>
  );
}
