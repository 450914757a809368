import { useMemo, useState } from "react";

import { CopyButton, EmptyState, JsonView, TextView, jsonText } from "@/ui";

import { attributeText, attributeTree, groupAttributes } from "./model/attributes";
import styles from "./AttributesPanel.module.css";
import { FilterField, PanelBar } from "./PanelBar";

/** Shorter lists and objects read best on one line. */
const LONGEST_IN_LINE = 120;

interface AttributesPanelProps {
  readonly attributes: Readonly<Record<string, unknown>>;
}

export default function AttributesPanel({ attributes }: AttributesPanelProps) {
  const [filter, setFilter] = useState("");
  const groups = useMemo(() => groupAttributes(attributes, filter), [attributes, filter]);
  return (
    <>
      <PanelBar end={<CopyButton label="Copy all attributes as JSON" text={() => jsonText(attributes)} />}>
        <FilterField label="Filter attributes" value={filter} onChange={setFilter} />
      </PanelBar>
      {groups.length === 0 ? (
        <EmptyState title="No attribute has this in its key or value" />
      ) : (
        <div className={styles.scroll}>
          <table className={styles.table} aria-label="Attributes">
            {groups.map(({ prefix, rows }) => (
              <tbody key={prefix}>
                {groups.length > 1 && (
                  <tr className={styles.group}>
                    <th colSpan={2} scope="rowgroup">
                      {prefix === "" ? "without a prefix" : prefix}
                    </th>
                  </tr>
                )}
                {rows.map(({ key, value }) => (
                  <Attribute key={key} name={key} value={value} />
                ))}
              </tbody>
            ))}
          </table>
        </div>
      )}
    </>
  );
}

function Attribute({ name, value }: { readonly name: string; readonly value: unknown }) {
  const tree = attributeText(value).length > LONGEST_IN_LINE ? attributeTree(value) : null;
  return (
    <tr className={styles.row}>
      <th scope="row" className={styles.key}>
        {name}
      </th>
      <td className={styles.cell}>
        <div className={styles.value}>
          <div className={styles.text}>
            {tree !== null ? (
              <JsonView value={tree} label={name} rows={8} />
            ) : (
              <TextView text={attributeText(value)} label={name} lines={6} />
            )}
          </div>
          <CopyButton small className={styles.copy ?? ""} label={`Copy ${name}`} text={() => jsonText(value)} />
        </div>
      </td>
    </tr>
  );
}
