import { useEffect, useState } from "react";

import { Tabs } from "@/ui";

import { InputControl } from "./InputControl";
import styles from "./InputsForm.module.css";
import { draftOf, inputFields, parseDraft, parseInputs } from "./model/inputFields";
import type { Draft, InputField } from "./model/inputFields";

interface InputsFormProps {
  /** For the button that submits it from outside. */
  readonly id: string;
  readonly definition: unknown;
  /** Values to start from, instead of the definition's defaults. */
  readonly inputs?: unknown;
  readonly onSubmit: (inputs: Readonly<Record<string, unknown>>) => void;
}

type Drafts = Readonly<Record<string, Draft>>;

const values = (fields: readonly InputField[], drafts: Drafts) =>
  fields.map((field) => [field.name, parseDraft(field, drafts[field.name] ?? "")] as const);

/** A workflow's inputs, as fields or as JSON: two views of the same values. */
export function InputsForm({ id, definition, inputs, onSubmit }: InputsFormProps) {
  const [fields, setFields] = useState(() => inputFields(definition, inputs));
  const [drafts, setDrafts] = useState<Drafts>(() =>
    Object.fromEntries(fields.map((field) => [field.name, draftOf(field)])),
  );
  const [json, setJson] = useState("{}");
  const [view, setView] = useState<"form" | "json">(fields.length > 0 ? "form" : "json");
  const [checked, setChecked] = useState(false);

  const asJson = () => {
    const known = values(fields, drafts).map(([name, parsed]) => [
      name,
      parsed.problem === undefined ? parsed.value : drafts[name],
    ]);
    return JSON.stringify(Object.fromEntries(known), null, 2);
  };

  const show = (next: "form" | "json") => {
    setChecked(false);
    if (next === "json") {
      setJson(asJson());
      setView(next);
      return;
    }
    const parsed = parseInputs(json);
    if (parsed.problem !== undefined) {
      setChecked(true);
      return;
    }
    const found = inputFields(definition, parsed.value);
    setFields(found);
    setDrafts(Object.fromEntries(found.map((field) => [field.name, draftOf(field)])));
    setView(next);
  };

  const submit = () => {
    setChecked(true);
    if (view === "json") {
      const parsed = parseInputs(json);
      if (parsed.problem === undefined) onSubmit(parsed.value as Readonly<Record<string, unknown>>);
      return;
    }
    const all = values(fields, drafts);
    const wrong = all.find(([, parsed]) => parsed.problem !== undefined);
    if (wrong) document.getElementById(`${id}-${wrong[0]}`)?.focus();
    else
      onSubmit(Object.fromEntries(all.map(([name, parsed]) => [name, parsed.problem === undefined && parsed.value])));
  };

  // The dialog around it is opened to be filled in.
  useEffect(() => {
    document.getElementById(id)?.querySelector<HTMLElement>("input, textarea")?.focus();
  }, [id]);

  const jsonProblem = checked ? parseInputs(json).problem : undefined;
  return (
    <form
      id={id}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Tabs
        label="How to enter the inputs"
        value={view}
        onChange={show}
        items={[
          { id: "form", label: "Form" },
          { id: "json", label: "JSON" },
        ]}
      >
        <div className={styles.fields}>
          {view === "json" ? (
            <InputControl
              id={`${id}-json`}
              label="Inputs"
              kind="json"
              rows={14}
              value={json}
              problem={jsonProblem}
              onChange={(next) => setJson(String(next))}
            />
          ) : fields.length > 0 ? (
            fields.map((field) => (
              <InputControl
                key={field.name}
                id={`${id}-${field.name}`}
                label={field.name}
                kind={field.kind}
                value={drafts[field.name] ?? ""}
                problem={checked ? parseDraft(field, drafts[field.name] ?? "").problem : undefined}
                onChange={(next) => setDrafts({ ...drafts, [field.name]: next })}
              />
            ))
          ) : (
            <p className={styles.none}>
              The workflow names no inputs. What it should be given nevertheless can be entered as JSON.
            </p>
          )}
        </div>
      </Tabs>
    </form>
  );
}
