import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";

import { CopyButton, cx } from "@/ui";

import type { ChatMessage, MessagePart } from "./model/messages";
import { messageText } from "./model/messages";
import styles from "./MessageCard.module.css";
import { MessageBody } from "./MessageBody";

interface MessageCardProps {
  readonly message: ChatMessage;
  readonly markdown: boolean;
  /** By the id of the call. */
  readonly toolSpans: ReadonlyMap<string, string>;
}

/** One message. System messages are folded: they repeat from call to call. */
export function MessageCard({ message, markdown, toolSpans }: MessageCardProps) {
  const [open, setOpen] = useState(message.role !== "system");
  const Chevron = open ? ChevronDown : ChevronRight;
  const preview = open ? "" : messageText(message);
  return (
    <article aria-label={`${message.roleName} message`} className={cx(styles.card, styles[message.role])}>
      <div className={styles.headRow}>
        <button type="button" className={styles.head} aria-expanded={open} onClick={() => setOpen(!open)}>
          <span className={styles.role}>{message.roleName}</span>
          {message.name !== null && <span className={styles.name}>{message.name}</span>}
          {open ? <span className={styles.push} /> : <span className={styles.preview}>{preview.slice(0, 300)}</span>}
          {open && message.finishReason !== null && !EXPECTED.has(message.finishReason) && (
            <span className={styles.name}>ended: {message.finishReason}</span>
          )}
          <Chevron aria-hidden size={12} className={styles.chevron} />
        </button>
        <CopyButton small label={`Copy the ${message.roleName} message`} text={() => plainText(message.parts)} />
      </div>
      {open && message.parts.length > 0 && (
        <div className={styles.body}>
          <MessageBody parts={message.parts} markdown={markdown} toolSpans={toolSpans} />
        </div>
      )}
    </article>
  );
}

/** Reasons that say nothing: it was done, or it called the tools that are shown. */
const EXPECTED = new Set(["stop", "end_turn", "tool_calls", "tool_call", "tool_use"]);

function plainText(parts: readonly MessagePart[]): string {
  return parts
    .map((part) => (part.kind === "text" || part.kind === "reasoning" ? part.text : JSON.stringify(part, null, 2)))
    .join("\n\n");
}
