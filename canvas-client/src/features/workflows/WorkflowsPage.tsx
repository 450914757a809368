import { FileDown, Import, SearchX, Workflow } from "lucide-react";
import { useDeferredValue, useRef, useState } from "react";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";

import { usePlace, useShortcuts } from "@/app";
import { describeError } from "@/graphql";
import { Button, EmptyState, ErrorState, SearchField, Skeleton, toast } from "@/ui";

import { ImportResult } from "./ImportResult";
import { WorkflowTable } from "./WorkflowTable";
import styles from "./WorkflowsPage.module.css";
import { useImport } from "./api/useImport";
import type { ImportedFile } from "./api/useImport";
import { useWorkflows } from "./api/useWorkflows";
import { useFileDrop } from "./useFileDrop";

/** All workflows: how their runs went, and the way to a new one. */
export function WorkflowsPage() {
  usePlace({ label: "Workflows" });
  const [params, setParams] = useSearchParams();
  const search = params.get("search") ?? "";
  const { rows, error, fetching, readAgain, loadMore } = useWorkflows(useDeferredValue(search.trim()));
  const [imported, setImported] = useState<readonly ImportedFile[] | null>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const picker = useRef<HTMLInputElement>(null);

  const { busy, importFiles } = useImport((files) => {
    readAgain();
    const [only] = files;
    if (files.length === 1 && only?.workflow)
      toast(`${only.workflow.name} is saved, version ${only.workflow.version}.`);
    else setImported(files);
  });
  const dragged = useFileDrop(importFiles);
  const pick = () => picker.current?.click();

  useShortcuts("List of workflows", [
    { id: "search", keys: "/", label: "Search the workflows", run: () => searchField.current?.focus() },
    { id: "import", keys: "i", label: "Import a workflow from a file", run: pick },
  ]);

  const importButton = (
    <Button icon={Import} busy={busy} onClick={pick}>
      Import
    </Button>
  );

  let content: ReactNode;
  if (rows && rows.length > 0) {
    content = (
      <>
        <WorkflowTable rows={rows} />
        {loadMore && (
          <div className={styles.more}>
            <Button onClick={loadMore} busy={fetching}>
              Load more
            </Button>
          </div>
        )}
      </>
    );
  } else if (rows && search) {
    content = (
      <EmptyState
        icon={SearchX}
        title="No workflow matches"
        actions={<Button onClick={() => setParams({}, { replace: true })}>Clear the search</Button>}
      >
        Neither a name nor an id contains “{search}”.
      </EmptyState>
    );
  } else if (rows) {
    content = (
      <EmptyState icon={Workflow} title="No workflow yet" actions={importButton}>
        Drop a YAML or JSON file here, or start the server with <code>--workflows DIRECTORY</code>. Workflows of other
        engines appear by themselves when their first trace arrives.
      </EmptyState>
    );
  } else if (error) {
    content = (
      <ErrorState title="The workflows cannot be shown" onRetry={readAgain}>
        {describeError(error)}
      </ErrorState>
    );
  } else {
    content = <Skeleton label="Loading the workflows" rowHeight={40} />;
  }

  return (
    <div className={styles.page}>
      <div className={styles.toolbar}>
        <h1 className={styles.title}>Workflows</h1>
        <SearchField
          ref={searchField}
          label="Search the workflows"
          placeholder="Name or id"
          keys="/"
          className={styles.search}
          value={search}
          onChange={(value) => setParams(value === "" ? {} : { search: value }, { replace: true })}
        />
        {importButton}
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          accept=".yaml,.yml,.json"
          aria-label="Files to import"
          onChange={(event) => {
            importFiles(Array.from(event.target.files ?? []));
            // The same file can be chosen again after a correction.
            event.target.value = "";
          }}
        />
      </div>
      <div className={styles.content}>{content}</div>
      {dragged && (
        <div className={styles.drop}>
          <FileDown aria-hidden size={24} />
          Drop to import
        </div>
      )}
      {imported && <ImportResult files={imported} onClose={() => setImported(null)} />}
    </div>
  );
}
