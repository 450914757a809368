import { fetchInSession } from "@/graphql";

/** At most this many spans an answer. */
const PAGE = 1_000;

interface TraceDocument {
  readonly spans: readonly unknown[];
  readonly page_info: { readonly has_next_page: boolean; readonly cursor: string | null };
}

/** Saves the whole trace, with all attributes, as one JSON document: the REST document with its pages put together. */
export async function downloadTrace(executionId: string): Promise<void> {
  const blob = await readTrace(executionId);
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = `trace-${executionId}.json`;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Spans are put into the file page by page, as text: all of a large trace at once would not fit into one string. */
export async function readTrace(executionId: string): Promise<Blob> {
  const parts: string[] = [];
  let cursor: string | null = null;
  let head: object | null = null;
  do {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor !== null && { cursor }) });
    const response = await fetchInSession(
      `/api/executions/${encodeURIComponent(executionId)}/trace?${query.toString()}`,
      {
        headers: { accept: "application/json" },
      },
    );
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const { spans, page_info, ...rest } = (await response.json()) as TraceDocument;
    head ??= rest;
    for (const span of spans) parts.push(`${parts.length === 0 ? "" : ","}\n${JSON.stringify(span)}`);
    cursor = page_info.has_next_page ? page_info.cursor : null;
  } while (cursor !== null);
  const start = JSON.stringify(head).slice(0, -1);
  return new Blob([start, start === "{" ? "" : ",", '"spans":[', ...parts, "\n]}\n"], { type: "application/json" });
}
