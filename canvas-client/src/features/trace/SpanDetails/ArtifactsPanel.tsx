import type { ArtifactSummary } from "../store";
import { ArtifactCard } from "./artifacts/ArtifactCard";
import styles from "./ArtifactsPanel.module.css";

/** The files of a span. One alone is opened. */
export default function ArtifactsPanel({ artifacts }: { readonly artifacts: readonly ArtifactSummary[] }) {
  return (
    <div className={styles.panel}>
      {artifacts.map((artifact) => (
        <ArtifactCard key={artifact.artifactId} artifact={artifact} isOnly={artifacts.length === 1} />
      ))}
    </div>
  );
}
