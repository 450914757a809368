import { ArrowRight, Download, File, Hash } from "lucide-react";
import { useMemo, useState } from "react";

import {
  Button,
  CopyButton,
  DataTable,
  EmptyState,
  IconButton,
  SplitPane,
  formatBytes,
  formatTime,
  plural,
} from "@/ui";
import type { Column } from "@/ui";

import { download } from "../../SpanDetails/artifacts/ArtifactCard";
import { ArtifactPreview } from "../../SpanDetails/artifacts/ArtifactPreview";
import { isRunning, useSpans, useTrace } from "../../store";
import type { ArtifactSummary } from "../../store";
import { useOpenSpan } from "../useOpenSpan";
import view from "../View.module.css";
import styles from "./ArtifactsView.module.css";

/** The files of the execution, with a preview of the chosen one. */
export default function ArtifactsView() {
  const known = useTrace((state) => state.artifacts);
  const { tree, version } = useSpans();
  const [chosenId, setChosenId] = useState<string | null>(null);
  // Ids are made in order of time.
  const artifacts = useMemo(
    () => [...known.values()].sort((left, right) => (left.artifactId < right.artifactId ? -1 : 1)),
    [known],
  );
  const columns = useMemo<readonly Column<ArtifactSummary>[]>(() => {
    const spanName = (spanId: string | null) =>
      spanId === null || version < 0 ? "" : (tree.byId(spanId)?.displayName ?? spanId);
    return [
      { id: "name", label: "Name", width: 160, grow: 2, cell: ({ name }) => name },
      { id: "type", label: "Type", width: 120, grow: 1, cell: ({ mediaType }) => mediaType.split(";")[0] },
      { id: "size", label: "Size", width: 72, align: "end", cell: ({ sizeBytes }) => formatBytes(sizeBytes) },
      { id: "span", label: "Span", width: 140, grow: 1, cell: ({ spanId }) => spanName(spanId) },
      { id: "time", label: "Stored", width: 124, align: "end", cell: ({ createdAt }) => formatTime(createdAt) },
    ];
  }, [tree, version]);

  if (artifacts.length === 0) return <NoArtifacts />;
  const chosen = artifacts.find(({ artifactId }) => artifactId === chosenId) ?? artifacts[0];
  const bytes = artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <section aria-label="Artifacts" className={view.view}>
      <div className={view.bar}>
        <span className={view.note}>
          {plural(artifacts.length, "artifact")}, {formatBytes(bytes)}
        </span>
      </div>
      <SplitPane
        id="trace.artifacts"
        label="Height of the list"
        orientation="vertical"
        sized="start"
        defaultSize={240}
        min={96}
        start={
          <DataTable
            label="Artifacts"
            columns={columns}
            rows={artifacts}
            keyOf={({ artifactId }) => artifactId}
            isSelected={(artifact) => artifact === chosen}
            onSelect={({ artifactId }) => setChosenId(artifactId)}
          />
        }
        end={chosen && <Preview key={chosen.artifactId} artifact={chosen} />}
      />
    </section>
  );
}

function Preview({ artifact }: { readonly artifact: ArtifactSummary }) {
  const openSpan = useOpenSpan();
  const { name, sha256, spanId } = artifact;
  return (
    <section aria-label={`Preview of ${name}`} className={styles.preview}>
      <header className={styles.head}>
        <h2 className={styles.name}>{name}</h2>
        {spanId !== null && (
          <Button variant="ghost" icon={ArrowRight} onClick={() => openSpan(spanId)}>
            Its span
          </Button>
        )}
        <CopyButton label="Copy the SHA-256" icon={Hash} text={sha256} />
        <IconButton label={`Download ${name}`} icon={Download} size={14} onClick={() => download(artifact)} />
      </header>
      <ArtifactPreview artifact={artifact} />
    </section>
  );
}

function NoArtifacts() {
  const running = useTrace(isRunning);
  return (
    <EmptyState icon={File} title={running ? "There are no artifacts yet" : "The run has made no artifacts"}>
      A step makes one with an ArtifactNode: a text, a table, a page or any other file.
    </EmptyState>
  );
}
