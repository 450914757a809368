import { ArrowRight, ChevronDown, ChevronRight } from "lucide-react";
import { Suspense, lazy, useState } from "react";

import { JsonView, TextView } from "@/ui";

import { useTraceActions } from "../store";
import type { MessagePart } from "./model/messages";
import styles from "./MessageCard.module.css";

const Markdown = lazy(() => import("@/ui/Markdown"));

/** Laying out more as Markdown takes longer than anybody waits. */
const LONGEST_MARKDOWN = 20_000;

interface MessageBodyProps {
  readonly parts: readonly MessagePart[];
  readonly markdown: boolean;
  readonly toolSpans: ReadonlyMap<string, string>;
}

export function MessageBody({ parts, markdown, toolSpans }: MessageBodyProps) {
  return parts.map((part, place) => <Part key={place} part={part} markdown={markdown} toolSpans={toolSpans} />);
}

interface PartProps {
  readonly part: MessagePart;
  readonly markdown: boolean;
  readonly toolSpans: ReadonlyMap<string, string>;
}

function Part({ part, markdown, toolSpans }: PartProps) {
  switch (part.kind) {
    case "text":
      return <MessageText text={part.text} markdown={markdown} />;
    case "reasoning":
      return (
        <div>
          <p className={styles.asideLabel}>Reasoning</p>
          <div className={styles.aside}>
            <TextView text={part.text} label="Reasoning" mono={false} lines={6} />
          </div>
        </div>
      );
    case "toolCall":
      return (
        <ToolCall name={part.name} args={part.args} spanId={part.id === null ? undefined : toolSpans.get(part.id)} />
      );
    case "toolResult":
      return (
        <ToolResult
          result={part.result}
          markdown={markdown}
          spanId={part.id === null ? undefined : toolSpans.get(part.id)}
        />
      );
    case "media":
      if (part.dataUri !== null) return <img src={part.dataUri} alt={part.type} className={styles.image} />;
      return (
        <p className={styles.aside}>
          {part.type}
          {part.source !== null && `: ${part.source}`}
        </p>
      );
    case "data":
      return (
        <div className={styles.call}>
          <JsonView value={part.value} label="Content" rows={12} />
        </div>
      );
  }
}

function MessageText({ text, markdown }: { readonly text: string; readonly markdown: boolean }) {
  const isJson = /^\s*[[{]/.test(text);
  if (!markdown || isJson || text.length > LONGEST_MARKDOWN) {
    return <TextView text={text} label="Text" mono={!markdown || isJson} lines={40} />;
  }
  return (
    <Suspense fallback={<TextView text={text} label="Text" mono={false} lines={40} />}>
      <Markdown>{text}</Markdown>
    </Suspense>
  );
}

interface ToolCallProps {
  readonly name: string;
  readonly args: unknown;
  readonly spanId: string | undefined;
}

/** `name(args)` on one line, the arguments below when asked for. */
function ToolCall({ name, args, spanId }: ToolCallProps) {
  const [open, setOpen] = useState(false);
  const Chevron = open ? ChevronDown : ChevronRight;
  const hasArgs = typeof args === "object" && args !== null;
  return (
    <div className={styles.call}>
      <div className={styles.callHead}>
        <code className={styles.signature}>
          <span className={styles.fn}>{name}</span>({signature(args)})
        </code>
        {spanId !== undefined && <GoToSpan spanId={spanId} />}
        {hasArgs && (
          <button
            type="button"
            aria-label={`Arguments of ${name}`}
            aria-expanded={open}
            className={styles.fold}
            onClick={() => setOpen(!open)}
          >
            <Chevron aria-hidden size={12} />
          </button>
        )}
      </div>
      {open && (
        <div className={styles.detail}>
          <JsonView value={args} label={`Arguments of ${name}`} rows={30} />
        </div>
      )}
    </div>
  );
}

function signature(args: unknown): string {
  if (args === undefined || args === null) return "";
  if (typeof args !== "object") return JSON.stringify(args).slice(0, 300);
  return Object.entries(args)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(", ")
    .slice(0, 300);
}

interface ToolResultProps {
  readonly result: unknown;
  readonly markdown: boolean;
  readonly spanId: string | undefined;
}

function ToolResult({ result, markdown, spanId }: ToolResultProps) {
  return (
    <>
      {typeof result === "string" ? (
        <MessageText text={result} markdown={markdown} />
      ) : (
        <div className={styles.call}>
          <JsonView value={result} label="Result" rows={12} />
        </div>
      )}
      {spanId !== undefined && (
        <div>
          <GoToSpan spanId={spanId} />
        </div>
      )}
    </>
  );
}

function GoToSpan({ spanId }: { readonly spanId: string }) {
  const { selectSpan } = useTraceActions();
  return (
    <button type="button" className={styles.go} onClick={() => selectSpan(spanId, { reveal: true })}>
      Tool’s span
      <ArrowRight aria-hidden size={12} />
    </button>
  );
}
