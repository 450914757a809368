import { useMemo } from "react";

import {
  CopyButton,
  ErrorState,
  JsonView,
  Segmented,
  Skeleton,
  TextView,
  formatBytes,
  jsonText,
  usePreference,
} from "@/ui";

import type { PayloadPart } from "./api/spanDetails";
import { PanelBar, PanelNote } from "./PanelBar";

interface PayloadPanelProps {
  readonly side: "input" | "output";
  readonly payload: PayloadPart;
  readonly onRetry: () => void;
}

const WAYS = [
  { id: "tree", label: "Tree" },
  { id: "plain", label: "Plain" },
] as const;

/** What went in or came out, as a tree or as it is. */
export function PayloadPanel({ side, payload, onRetry }: PayloadPanelProps) {
  const [way, setWay] = usePreference<"tree" | "plain">("details.json", "tree");
  const value = payload.data?.[side] ?? null;
  const label = side === "input" ? "Input" : "Output";
  if (payload.data === null) {
    if (payload.phase !== "failed") return <Skeleton label={`Loading the ${side}`} />;
    return (
      <ErrorState title={`The ${side} cannot be shown`} onRetry={onRetry}>
        {payload.error}
      </ErrorState>
    );
  }
  const isText = typeof value === "string";
  return (
    <>
      <PanelBar
        end={
          <>
            {!isText && <Segmented label="Show as" items={WAYS} value={way} onChange={setWay} />}
            <CopyButton label={`Copy the ${side}`} text={() => jsonText(value)} />
          </>
        }
      >
        <PanelNote>{isText && value.length > 2_000 && formatBytes(value.length)}</PanelNote>
      </PanelBar>
      {isText ? (
        <TextView text={value} label={label} fill />
      ) : way === "tree" ? (
        <JsonView value={value} label={label} fill />
      ) : (
        <PlainJson value={value} label={label} />
      )}
    </>
  );
}

export function PlainJson({ value, label }: { readonly value: unknown; readonly label: string }) {
  const text = useMemo(() => jsonText(value), [value]);
  return <TextView text={text} label={label} fill />;
}
