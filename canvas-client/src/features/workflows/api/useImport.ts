import { useState } from "react";
import { useClient } from "urql";

import { describeError } from "@/graphql";
import { formatBytes } from "@/ui";

import { LARGEST_FILE_BYTES, sourceOfFile } from "../model/importFile";
import { SaveWorkflowDocument } from "./documents";
import type { Problem, SavedWorkflow } from "./documents";

export interface ImportedFile {
  readonly fileName: string;
  readonly source: string;
  readonly workflow: SavedWorkflow | null;
  readonly problems: readonly Problem[];
  /** Why it was not even looked at. */
  readonly failure: string | null;
}

/** Saves files as workflows, one after the other, and tells what became of each. */
export function useImport(onDone: (files: readonly ImportedFile[]) => void) {
  const client = useClient();
  const [busy, setBusy] = useState(false);

  const importOne = async (file: File): Promise<ImportedFile> => {
    const refused = (failure: string): ImportedFile => ({
      fileName: file.name,
      source: "",
      workflow: null,
      problems: [],
      failure,
    });
    if (file.size > LARGEST_FILE_BYTES)
      return refused(`It has ${formatBytes(file.size)}; a definition has ${formatBytes(LARGEST_FILE_BYTES)} at most.`);
    let text: string;
    try {
      text = await file.text();
    } catch {
      return refused("It cannot be read. A folder cannot be imported.");
    }
    const source = sourceOfFile(file.name, text);
    const { data, error } = await client.mutation(SaveWorkflowDocument, { source }).toPromise();
    if (error) return refused(describeError(error));
    const { workflow = null, problems = [] } = data?.saveWorkflow ?? {};
    return { fileName: file.name, source, workflow, problems, failure: null };
  };

  const importFiles = async (files: readonly File[]) => {
    if (files.length === 0 || busy) return;
    setBusy(true);
    const done: ImportedFile[] = [];
    for (const file of files) done.push(await importOne(file));
    setBusy(false);
    onDone(done);
  };

  return { busy, importFiles: (files: readonly File[]) => void importFiles(files) };
}
