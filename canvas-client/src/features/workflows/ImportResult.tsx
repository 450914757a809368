import { Link } from "react-router";

import { workflowPath } from "@/app";
import { Dialog, StatusPill, plural } from "@/ui";

import styles from "./ImportResult.module.css";
import type { Problem } from "./api/documents";
import type { ImportedFile } from "./api/useImport";
import { linesAround } from "./model/importFile";

interface ImportResultProps {
  readonly files: readonly ImportedFile[];
  readonly onClose: () => void;
}

/** What became of each file: the saved workflow, or what is wrong and where. */
export function ImportResult({ files, onClose }: ImportResultProps) {
  const failed = files.filter(({ workflow }) => !workflow).length;
  const title = failed === 0 ? "Imported" : `${plural(failed, "file")} of ${files.length} could not be imported`;
  return (
    <Dialog title={title} width={720} onClose={onClose}>
      <ul className={styles.files}>
        {files.map((file, index) => (
          <li key={`${index} ${file.fileName}`}>
            <h3 className={styles.file}>
              <StatusPill status={file.workflow ? "ok" : "error"} compact />
              {file.fileName}
            </h3>
            {file.workflow && (
              <p className={styles.text}>
                Saved as <Link to={workflowPath(file.workflow.workflowId, "canvas")}>{file.workflow.name}</Link>,
                version {file.workflow.version}.
              </p>
            )}
            {file.failure && <p className={styles.text}>{file.failure}</p>}
            {file.problems.map((problem) => (
              <ProblemView
                key={`${problem.line}:${problem.column} ${problem.message}`}
                problem={problem}
                source={file.source}
              />
            ))}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function ProblemView({
  problem: { path, line, column, message },
  source,
}: {
  readonly problem: Problem;
  readonly source: string;
}) {
  return (
    <div className={styles.problem}>
      <p className={styles.text}>
        <span className={styles.place}>
          Line {line}, column {column}
        </span>
        {path && <code>{path}</code>} {message}
      </p>
      <pre className={styles.lines}>
        {linesAround(source, line).map(({ number, text }) => (
          <span key={number} className={styles.line} data-wrong={number === line || undefined}>
            <span className={styles.number}>{number}</span>
            {text}
          </span>
        ))}
      </pre>
    </div>
  );
}
