import { CopyButton, JsonView, TextView, jsonText, plural } from "@/ui";

import styles from "./DocumentsPanel.module.css";
import type { FoundDocument } from "./model/documents";
import { PanelBar, PanelNote } from "./PanelBar";

/** The documents that a search found, in its order. */
export default function DocumentsPanel({ documents }: { readonly documents: readonly FoundDocument[] }) {
  return (
    <>
      <PanelBar end={<CopyButton label="Copy the documents as JSON" text={() => jsonText(documents)} />}>
        <PanelNote>{plural(documents.length, "document")}</PanelNote>
      </PanelBar>
      <ol className={styles.list} aria-label="Documents">
        {documents.map(({ id, text, score, about }, place) => (
          <li key={place} className={styles.card}>
            <div className={styles.head}>
              <span className={styles.place}>{place + 1}</span>
              {id !== null && <code className={styles.id}>{id}</code>}
              {score !== null && (
                <span className={styles.score}>
                  <span className="visually-hidden">score </span>
                  {score.toFixed(3)}
                </span>
              )}
            </div>
            <div className={styles.text}>
              <TextView text={text} label={`Document ${place + 1}`} mono={false} lines={6} />
            </div>
            {about !== null && <JsonView value={about} label={`About document ${place + 1}`} rows={8} />}
          </li>
        ))}
      </ol>
    </>
  );
}
