import { useMemo } from "react";

import { CopyButton, ErrorState, Segmented, Skeleton, jsonText, plural, usePreference } from "@/ui";

import type { PayloadPart, SpanFacts } from "./api/spanDetails";
import { useToolSpans } from "./api/useToolSpans";
import { MessageCard } from "./MessageCard";
import type { ChatMessage } from "./model/messages";
import { readModel, readParameters } from "./model/parameters";
import styles from "./MessagesPanel.module.css";
import { PanelBar, PanelNote } from "./PanelBar";
import { conversationOf } from "./tabs";

const WAYS = [
  { id: "markdown", label: "Markdown" },
  { id: "plain", label: "Plain" },
] as const;

/** A long conversation shows its end: what came before is one click away. */
const MOST_AT_FIRST = 60;

interface MessagesPanelProps {
  readonly facts: SpanFacts;
  readonly payload: PayloadPart;
  readonly onRetry: () => void;
}

/** What a model was given and what it gave, as a conversation. */
export default function MessagesPanel({ facts, payload, onRetry }: MessagesPanelProps) {
  const [way, setWay] = usePreference<"markdown" | "plain">("details.messages", "markdown");
  const [showsAll, setShowsAll] = usePreference("details.allMessages", false);
  const messages = useMemo(() => conversationOf(facts, payload), [facts, payload]);
  const toolSpans = useToolSpans(facts, messages);

  if (messages.length === 0) {
    if (payload.phase !== "failed") return <Skeleton label="Loading the messages" />;
    return (
      <ErrorState title="The messages cannot be shown" onRetry={onRetry}>
        {payload.error}
      </ErrorState>
    );
  }
  const first = showsAll ? 0 : Math.max(0, messages.length - MOST_AT_FIRST);
  const calls = messages.flatMap(({ parts, side }) =>
    parts.filter(({ kind }) => side === "output" && kind === "toolCall"),
  );
  return (
    <>
      <PanelBar
        end={
          <>
            <Segmented label="Show texts as" items={WAYS} value={way} onChange={setWay} />
            <CopyButton label="Copy the messages as JSON" text={() => jsonText(messages)} />
          </>
        }
      >
        <PanelNote>
          {plural(messages.length, "message")}
          {calls.length > 0 && `, ${plural(calls.length, "tool call")}`}
        </PanelNote>
      </PanelBar>
      <div className={styles.list}>
        <Asked facts={facts} />
        {first > 0 && (
          <label className={styles.toggle}>
            <input type="checkbox" checked={showsAll} onChange={() => setShowsAll(true)} />
            Show the {plural(first, "earlier message")} too
          </label>
        )}
        {messages.slice(first).map((message, place) => (
          // Messages are only ever added at the end.
          <Entry
            key={first + place}
            message={message}
            before={messages[first + place - 1]}
            markdown={way === "markdown"}
            toolSpans={toolSpans}
          />
        ))}
      </div>
    </>
  );
}

/** Which model was asked, and how, on one line. */
function Asked({ facts: { attributes } }: { readonly facts: SpanFacts }) {
  const model = readModel(attributes);
  const parameters = readParameters(attributes).map(({ name, value }) => `${name} ${previewOf(value)}`);
  if (model === null && parameters.length === 0) return null;
  return (
    <p className={styles.asked}>
      {model !== null && <strong>{model}</strong>} {parameters.join(", ")}
    </p>
  );
}

const previewOf = (value: unknown): string => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

interface EntryProps {
  readonly message: ChatMessage;
  readonly before: ChatMessage | undefined;
  readonly markdown: boolean;
  readonly toolSpans: ReadonlyMap<string, string>;
}

function Entry({ message, before, markdown, toolSpans }: EntryProps) {
  const isFirstAnswer = message.side === "output" && before?.side === "input";
  return (
    <>
      {isFirstAnswer && <p className={styles.divider}>Answer</p>}
      <MessageCard message={message} markdown={markdown} toolSpans={toolSpans} />
    </>
  );
}
