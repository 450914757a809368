import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** All colours are tokens, so that one theme serves light and dark. */
const chrome = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--bg)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { font: "var(--type-mono)", lineHeight: "20px" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-line": { padding: "0 12px 0 6px" },
  ".cm-gutters": { color: "var(--text-3)", backgroundColor: "var(--bg-2)", borderRight: "1px solid var(--line)" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "36px", padding: "0 6px 0 8px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--text) 4%, transparent)" },
  ".cm-activeLineGutter": { color: "var(--text)", backgroundColor: "var(--bg-3)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--accent) 28%, transparent)",
  },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in srgb, var(--accent) 16%, transparent)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent)",
  },
  ".cm-searchMatch": { backgroundColor: "var(--hit)" },
  ".cm-searchMatch-selected": { outline: "1px solid var(--accent)" },
  ".cm-panels": { color: "var(--text)", backgroundColor: "var(--bg-2)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "8px 28px 8px 12px", font: "var(--type-12)" },
  ".cm-panel.cm-search label": { font: "var(--type-12)" },
  ".cm-textfield": {
    padding: "3px 8px",
    border: "1px solid var(--control-border)",
    borderRadius: "6px",
    color: "var(--text)",
    backgroundColor: "var(--bg)",
    font: "var(--type-12)",
  },
  ".cm-button": {
    padding: "3px 8px",
    border: "1px solid var(--control-border)",
    borderRadius: "6px",
    color: "var(--text)",
    backgroundColor: "var(--bg)",
    backgroundImage: "none",
    font: "var(--type-12)",
  },
  ".cm-panel.cm-search [name=close]": { color: "var(--text-2)", fontSize: "18px" },
  ".cm-tooltip": {
    border: "1px solid var(--line)",
    borderRadius: "6px",
    color: "var(--text)",
    backgroundColor: "var(--bg)",
    boxShadow: "var(--shadow-popover)",
    font: "var(--type-12)",
  },
  ".cm-diagnostic": { padding: "6px 10px" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--state-error-bar)" },
  ".cm-foldPlaceholder": { border: "1px solid var(--line)", color: "var(--text-2)", backgroundColor: "var(--bg-3)" },
  ".cm-lint-marker-error": {
    content: "none",
    width: "10px",
    height: "10px",
    marginTop: "5px",
    borderRadius: "50%",
    backgroundColor: "var(--state-error-bar)",
  },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--state-error-bar)",
    textUnderlineOffset: "3px",
  },
});

const colors = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--cat-agent-text)" },
  { tag: [tags.string, tags.content], color: "var(--text)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--cat-llm-text)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--text-3)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.typeName, tags.labelName], color: "var(--cat-guardrail-text)" },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: "var(--text-2)" },
  { tag: tags.invalid, color: "var(--state-error-text)" },
]);

export const editorTheme: Extension = [chrome, syntaxHighlighting(colors)];
