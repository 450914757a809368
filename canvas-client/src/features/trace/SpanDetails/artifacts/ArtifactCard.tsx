import { ChevronDown, ChevronRight, Download, Hash } from "lucide-react";
import { useId, useState } from "react";

import { CopyButton, IconButton, cx, formatBytes, formatDateTime, formatDateTimeExact } from "@/ui";

import type { ArtifactSummary } from "../../store";
import styles from "../ArtifactsPanel.module.css";
import { ArtifactPreview } from "./ArtifactPreview";

interface ArtifactCardProps {
  readonly artifact: ArtifactSummary;
  readonly isOnly: boolean;
}

/** A file: what it is, its preview when opened, and the way to have it. */
export function ArtifactCard({ artifact, isOnly }: ArtifactCardProps) {
  const [open, setOpen] = useState(isOnly);
  const bodyId = useId();
  const { name, mediaType, sizeBytes, createdAt, sha256 } = artifact;
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <article aria-label={name} className={cx(styles.artifact, isOnly && styles.only)}>
      <div className={styles.head}>
        <button
          type="button"
          className={styles.title}
          aria-expanded={open}
          aria-controls={bodyId}
          onClick={() => setOpen(!open)}
        >
          <Chevron aria-hidden size={14} className={styles.chevron} />
          <span className={styles.name}>{name}</span>
          <span className={styles.about}>
            {formatBytes(sizeBytes)}, {mediaType.split(";")[0]},{" "}
            <span title={formatDateTimeExact(createdAt)}>{formatDateTime(createdAt)}</span>
          </span>
        </button>
        <CopyButton label="Copy the SHA-256" icon={Hash} text={sha256} />
        <IconButton label={`Download ${name}`} icon={Download} size={14} onClick={() => download(artifact)} />
      </div>
      <div id={bodyId} className={styles.body} hidden={!open}>
        {open && <ArtifactPreview artifact={artifact} />}
      </div>
    </article>
  );
}

/** The server sends it as an attachment, so the page stays. */
export function download({ downloadUrl, name }: ArtifactSummary): void {
  const link = document.createElement("a");
  link.href = downloadUrl;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}
