import { useMemo } from "react";

import { CopyButton, EmptyState, JsonView, Segmented, TextView, cx, jsonText, plural, usePreference } from "@/ui";

import { diffStates, readStateCopies } from "./model/stateDiff";
import type { StateChange } from "./model/stateDiff";
import { PanelBar, PanelNote } from "./PanelBar";
import styles from "./StatePanel.module.css";

const WAYS = [
  { id: "changes", label: "Changes" },
  { id: "before", label: "Before" },
  { id: "after", label: "After" },
] as const;

type Way = (typeof WAYS)[number]["id"];

const SIGNS = { added: "+", changed: "~", removed: "−" } as const;

/** What the step changed in the workflow's state. */
export default function StatePanel({ attributes }: { readonly attributes: Readonly<Record<string, unknown>> }) {
  const [way, setWay] = usePreference<Way>("details.state", "changes");
  const copies = useMemo(() => readStateCopies(attributes), [attributes]);
  const changes = useMemo(() => (copies === null ? [] : diffStates(copies.before, copies.after)), [copies]);
  if (copies === null) return null;
  const shown = way === "changes" ? changes : copies[way];
  const notes = [
    way === "changes" && plural(changes.length, "change"),
    copies.redacted && "redacted by its producer",
    copies.truncated && "cut short by its producer",
  ].filter(Boolean);
  return (
    <>
      <PanelBar
        end={
          <>
            <Segmented label="Show" items={WAYS} value={way} onChange={setWay} />
            <CopyButton label="Copy what is shown as JSON" text={() => jsonText(shown)} />
          </>
        }
      >
        <PanelNote>{notes.join(", ")}</PanelNote>
      </PanelBar>
      {way !== "changes" ? (
        <JsonView key={way} value={copies[way]} label={`State ${way}`} fill />
      ) : changes.length === 0 ? (
        <EmptyState title="The step left the state as it was" />
      ) : (
        <ul className={styles.list}>
          {changes.map((change) => (
            <Change key={change.path} change={change} />
          ))}
        </ul>
      )}
    </>
  );
}

function Change({ change }: { readonly change: StateChange }) {
  const { kind, path } = change;
  return (
    <li className={styles.change}>
      <span aria-hidden className={cx(styles.sign, styles[kind])}>
        {SIGNS[kind]}
      </span>
      <code className={styles.path}>
        <span className="visually-hidden">{kind}: </span>
        {path === "" ? "the whole state" : path}
      </code>
      <div className={styles.values}>
        {kind !== "added" && <Value value={change.before} label="Before" className={styles.before} />}
        {kind !== "removed" && <Value value={change.after} label="After" className={styles.after} />}
      </div>
    </li>
  );
}

interface ValueProps {
  readonly value: unknown;
  readonly label: string;
  readonly className: string | undefined;
}

function Value({ value, label, className }: ValueProps) {
  if (typeof value === "object" && value !== null) return <JsonView value={value} label={label} rows={8} />;
  return (
    <div className={cx(styles.value, className)}>
      <TextView text={typeof value === "string" ? value : String(value)} label={label} lines={6} />
    </div>
  );
}
