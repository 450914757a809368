import { Suspense, lazy, useState } from "react";

import { Button, ErrorState, JsonView, Skeleton, TextView, formatBytes } from "@/ui";

import type { ArtifactSummary } from "../../store";
import { FIRST_BYTES, MOST_BYTES, artifactKind, previewLimit } from "./artifactKind";
import type { ArtifactKind } from "./artifactKind";
import styles from "./ArtifactPreview.module.css";
import { useArtifactText } from "./useArtifactText";

const Markdown = lazy(() => import("@/ui/Markdown"));
const CsvTable = lazy(() => import("./CsvTable"));

/** What a file holds. A large one is not loaded before somebody asks for it. */
export function ArtifactPreview({ artifact }: { readonly artifact: ArtifactSummary }) {
  const kind = artifactKind(artifact.mediaType, artifact.name);
  const [allowed, setAllowed] = useState<"first" | "all" | null>(
    artifact.sizeBytes <= previewLimit(kind) ? "all" : null,
  );

  if (kind === "none") {
    return <p className={styles.guard}>There is no preview of {artifact.mediaType}. Download it to open it.</p>;
  }
  if (artifact.sizeBytes === 0) return <p className={styles.guard}>The file is empty.</p>;
  if (allowed === null) {
    return (
      <div className={styles.guard}>
        This file has {formatBytes(artifact.sizeBytes)}.
        {kind !== "image" && kind !== "html" && (
          <Button onClick={() => setAllowed("first")}>Show the first {formatBytes(FIRST_BYTES)}</Button>
        )}
        {artifact.sizeBytes <= MOST_BYTES && <Button onClick={() => setAllowed("all")}>Load all of it</Button>}
      </div>
    );
  }
  if (kind === "image") return <Image artifact={artifact} />;
  if (kind === "html") {
    return (
      <iframe
        sandbox=""
        title={`Preview of ${artifact.name}`}
        src={artifact.downloadUrl.replace(/\/download$/, "/preview")}
        className={styles.frame}
      />
    );
  }
  return <TextPreview artifact={artifact} kind={kind} onlyFirst={allowed === "first"} />;
}

function Image({ artifact }: { readonly artifact: ArtifactSummary }) {
  const [failed, setFailed] = useState(false);
  if (failed) return <p className={styles.guard}>The browser cannot show this image. Download it to open it.</p>;
  return (
    <div className={styles.imageBox}>
      <img src={artifact.downloadUrl} alt={artifact.name} className={styles.image} onError={() => setFailed(true)} />
    </div>
  );
}

interface TextPreviewProps {
  readonly artifact: ArtifactSummary;
  readonly kind: Exclude<ArtifactKind, "image" | "html" | "none">;
  readonly onlyFirst: boolean;
}

function TextPreview({ artifact, kind, onlyFirst }: TextPreviewProps) {
  const read = useArtifactText(artifact.downloadUrl, onlyFirst);
  if (read.phase === "loading") return <Skeleton label={`Loading ${artifact.name}`} rows={4} />;
  if (read.phase === "failed") return <ErrorState title="The file cannot be shown">{read.message}</ErrorState>;
  return (
    <Suspense fallback={<Skeleton label={`Loading ${artifact.name}`} rows={4} />}>
      {onlyFirst && <p className={styles.note}>Only its beginning is shown. Download it for the rest.</p>}
      <TextOf kind={kind} text={read.text} name={artifact.name} />
    </Suspense>
  );
}

interface TextOfProps {
  readonly kind: TextPreviewProps["kind"];
  readonly text: string;
  readonly name: string;
}

function TextOf({ kind, text, name }: TextOfProps) {
  if (kind === "csv") return <CsvTable text={text} label={name} />;
  if (kind === "markdown" && text.length < 100_000) {
    return (
      <div className={styles.prose}>
        <Markdown>{text}</Markdown>
      </div>
    );
  }
  const json = kind === "json" ? parsed(text) : undefined;
  if (json !== undefined) return <JsonView value={json} label={name} fill />;
  return <TextView text={text} label={name} fill />;
}

/** Undefined for text that is no JSON, for example the beginning of a larger file. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
