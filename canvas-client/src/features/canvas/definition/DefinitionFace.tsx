import { History, Save, Undo2 } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef } from "react";

import { useShortcuts, useWorkflowRoute } from "@/app";
import { Button, Skeleton, formatDateTime } from "@/ui";

import type { CanvasWorkflow, Definition } from "../api/useDefinition";
import { useDraft, writeDraft } from "../drafts";
import { buildGraph } from "../model/buildGraph";
import { leaveRun, readNode } from "../model/canvasParams";
import { CodeEditor } from "./CodeEditor";
import type { CodeEditorHandle } from "./CodeEditor";
import styles from "./DefinitionFace.module.css";
import { ProblemList } from "./ProblemList";
import { offsetAt, offsetOf, syntaxProblems } from "./problems";
import { useSave } from "./useSave";

interface DefinitionFaceProps {
  readonly workflow: CanvasWorkflow;
  /** The version that is shown; null while it is read. */
  readonly definition: Definition | null;
}

/** The definition as text. The current version can be edited; an older one can be made the current one. */
export function DefinitionFace({ workflow, definition }: DefinitionFaceProps) {
  if (!definition) return <Skeleton label="Loading the definition" />;
  return <DefinitionText key={definition.version} workflow={workflow} definition={definition} />;
}

function DefinitionText({
  workflow,
  definition,
}: {
  readonly workflow: CanvasWorkflow;
  readonly definition: Definition;
}) {
  const { workflowId } = workflow;
  const { setParams } = useWorkflowRoute();
  const isCurrent = definition.version === workflow.version;
  const draft = useDraft(workflowId);
  const edited = isCurrent ? draft : null;
  const text = edited?.text ?? definition.source;
  const editor = useRef<CodeEditorHandle>(null);
  const { save, saving, problems: refused, clear } = useSave(workflowId);
  const syntax = useMemo(() => syntaxProblems(text), [text]);
  const problems = syntax.length > 0 ? syntax : refused;

  useGoToNode(definition, text, editor);
  const onChange = useCallback(
    (next: string) => {
      if (!isCurrent) return;
      const { version, source } = definition;
      writeDraft(workflowId, next === source ? null : { base: draft?.base ?? version, text: next });
    },
    [isCurrent, workflowId, definition, draft],
  );
  /** What is saved is the current version then, which is what is shown without being told otherwise. */
  const saveAs = async (source: string) => {
    if (!(await save(source))) return;
    setParams(
      (all) => {
        leaveRun(all);
        all.delete("version");
      },
      { replace: true },
    );
  };
  const saveText = () => {
    if (isCurrent && edited && !saving) void saveAs(text);
  };
  const discard = () => {
    writeDraft(workflowId, null);
    clear();
  };
  useShortcuts("Definition", [
    { id: "save", keys: "mod+s", label: "Save the definition", inFields: true, run: saveText },
  ]);

  return (
    <div className={styles.face}>
      <div className={styles.bar}>
        <span className={styles.about}>
          Version {definition.version}, saved {formatDateTime(definition.createdAt)}
          {edited && <strong className={styles.edited}>Unsaved changes</strong>}
        </span>
        {isCurrent ? (
          <>
            {edited && (
              <Button icon={Undo2} variant="ghost" onClick={discard}>
                Discard
              </Button>
            )}
            <Button icon={Save} variant="primary" busy={saving} disabled={!edited} onClick={saveText}>
              Save
            </Button>
          </>
        ) : (
          <Button icon={History} busy={saving} onClick={() => void saveAs(definition.source)}>
            Restore this version
          </Button>
        )}
      </div>
      {edited && edited.base !== definition.version && (
        <p role="status" className={styles.stale}>
          Version {definition.version} was saved while you edited version {edited.base}. Saving puts yours in its place.
        </p>
      )}
      <CodeEditor
        ref={editor}
        label={`Definition of ${workflow.name}`}
        value={text}
        readOnly={!isCurrent}
        problems={problems}
        onChange={onChange}
        onSave={saveText}
      />
      {problems.length > 0 && (
        <ProblemList
          problems={problems}
          onChoose={({ line, column }) => editor.current?.goTo(offsetAt(text, line, column))}
        />
      )}
    </div>
  );
}

/** Goes to where the node of the address is written, once for each. */
function useGoToNode(
  definition: Definition,
  text: string,
  editor: { readonly current: CodeEditorHandle | null },
): void {
  const { params } = useWorkflowRoute();
  const nodeId = readNode(params);
  const gone = useRef<string | null>(null);
  useEffect(() => {
    if (nodeId === null || gone.current === nodeId) return;
    gone.current = nodeId;
    const node = buildGraph(definition.definition).nodes.find(({ id }) => id === nodeId);
    const offset = node && offsetOf(text, node.path);
    if (typeof offset === "number") editor.current?.goTo(offset);
  }, [nodeId, definition, text, editor]);
}
