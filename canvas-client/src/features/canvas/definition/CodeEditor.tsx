import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { useEffect, useEffectEvent, useImperativeHandle, useRef } from "react";
import type { KeyboardEvent, Ref } from "react";

import styles from "./CodeEditor.module.css";
import { editorTheme } from "./editorTheme";
import { isJson, offsetAt } from "./problems";
import type { Problem } from "./problems";

export interface CodeEditorHandle {
  /** Puts the cursor at a place, in the middle of what is seen. */
  readonly goTo: (offset: number) => void;
}

interface CodeEditorProps {
  readonly label: string;
  readonly value: string;
  readonly readOnly: boolean;
  readonly problems: readonly Problem[];
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
  readonly ref?: Ref<CodeEditorHandle>;
}

/** A text editor for YAML and JSON. Tab leaves it, so that nobody is caught; Ctrl and ] indents. */
export function CodeEditor({ label, value, readOnly, problems, onChange, onSave, ref }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useEffectEvent(onChange);
  const saved = useEffectEvent(onSave);
  const initial = useEffectEvent(() => ({ value, label }));
  const wantsJson = isJson(value);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    // In a shadow root its styles are adopted style sheets; in the document they would be a <style>, which the server's
    // policy refuses.
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const { value: doc, label: name } = initial();
    const editor = new EditorView({
      parent: root,
      root,
      state: EditorState.create({
        doc,
        extensions: [
          lineNumbers(),
          foldGutter({ openText: "▾", closedText: "▸" }),
          lintGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          highlightSelectionMatches(),
          search(),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": name, tabindex: "0" }),
          Prec.high(keymap.of([{ key: "Mod-s", preventDefault: true, run: () => (saved(), true) }])),
          keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap, ...lintKeymap]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
          language.of([]),
          mode.of([]),
          editorTheme,
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: language.reconfigure(wantsJson ? json() : yaml()) });
  }, [wantsJson]);

  useEffect(() => {
    view.current?.dispatch({ effects: mode.reconfigure(EditorState.readOnly.of(readOnly)) });
  }, [readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, diagnostics(editor.state.doc.toString(), problems)));
  }, [problems]);

  useImperativeHandle(ref, () => ({
    goTo: (offset) => {
      const editor = view.current;
      if (!editor) return;
      const at = Math.min(offset, editor.state.doc.length);
      editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      editor.focus();
    },
  }));

  return (
    // The listener only keeps keys in; the editor inside is the control.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div ref={host} className={styles.host} onKeyDown={keepIn} />
  );
}

const language = new Compartment();
const mode = new Compartment();

/** What is typed is no shortcut of the page: from outside of the shadow root the editor does not look like a field. */
function keepIn(event: KeyboardEvent): void {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}

function diagnostics(text: string, problems: readonly Problem[]) {
  return problems.map(({ line, column, message }) => {
    const from = offsetAt(text, line, column);
    const rest = /^[\w$.-]+/.exec(text.slice(from, from + 200));
    return { from, to: Math.min(text.length, from + (rest?.[0].length ?? 1)), severity: "error" as const, message };
  });
}
