import { useEffect, useState } from "react";

import { fetchInSession } from "@/graphql";

import { FIRST_BYTES } from "./artifactKind";

export type ArtifactText =
  | { readonly phase: "loading" }
  | { readonly phase: "loaded"; readonly text: string }
  | { readonly phase: "failed"; readonly message: string };

/** The text of a file, or only its beginning. Artifacts never change, so the browser's own cache keeps them. */
export function useArtifactText(url: string, onlyFirst: boolean): ArtifactText {
  const [loaded, setLoaded] = useState<{ readonly key: string; readonly text: ArtifactText } | null>(null);
  const key = `${url} ${onlyFirst}`;

  useEffect(() => {
    const controller = new AbortController();
    readText(url, onlyFirst, controller.signal).then(
      (text) => setLoaded({ key, text: { phase: "loaded", text } }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const message = error instanceof Error ? error.message : String(error);
        setLoaded({ key, text: { phase: "failed", message } });
      },
    );
    return () => controller.abort();
  }, [key, url, onlyFirst]);

  return loaded?.key === key ? loaded.text : { phase: "loading" };
}

async function readText(url: string, onlyFirst: boolean, signal: AbortSignal): Promise<string> {
  const response = await fetchInSession(url, {
    signal,
    ...(onlyFirst && { headers: { range: `bytes=0-${FIRST_BYTES - 1}` } }),
  }).catch(() => {
    throw new Error("The server cannot be reached.");
  });
  if (response.status === 404) throw new Error("The file is not stored any more.");
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const text = await response.text();
  // The last line, and the last character, may be cut in two.
  return onlyFirst && text.includes("\n") ? text.slice(0, text.lastIndexOf("\n")) : text;
}
