import styles from "./InputsForm.module.css";
import type { Draft, InputField } from "./model/inputFields";

interface InputControlProps {
  readonly id: string;
  readonly label: string;
  readonly kind: InputField["kind"];
  readonly value: Draft;
  readonly problem: string | undefined;
  readonly rows?: number;
  readonly onChange: (value: Draft) => void;
}

const HINTS: Readonly<Partial<Record<InputField["kind"], string>>> = { number: "number", json: "JSON" };

/** One input with its label, made for its kind, and what is wrong with its value. */
export function InputControl({ id, label, kind, value, problem, rows, onChange }: InputControlProps) {
  if (kind === "boolean") {
    return (
      <label className={styles.check}>
        <input id={id} type="checkbox" checked={value === true} onChange={(event) => onChange(event.target.checked)} />
        {label}
      </label>
    );
  }
  const text = String(value);
  const shared = {
    id,
    value: text,
    spellCheck: kind === "text" || kind === "longText",
    "aria-invalid": problem !== undefined,
    "aria-describedby": `${id}-problem`,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
        {HINTS[kind] && <span className={styles.hint}>{HINTS[kind]}</span>}
      </label>
      {kind === "json" || kind === "longText" ? (
        <textarea
          {...shared}
          rows={rows ?? Math.min(12, Math.max(3, text.split("\n").length))}
          className={kind === "json" ? styles.json : styles.control}
        />
      ) : (
        <input {...shared} type="text" inputMode={kind === "number" ? "decimal" : "text"} className={styles.control} />
      )}
      <p id={`${id}-problem`} role="alert" className={styles.problem}>
        {problem}
      </p>
    </div>
  );
}
