import { useCallback, useEffect, useState } from "react";

import { toast } from "@/ui";

const SHOWN_MS = 1_500;

/** Copies a text, and tells for a moment that it is done. */
export function useCopy(): { readonly copied: boolean; readonly copy: (text: string) => void } {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = useCallback((text: string) => {
    void copyText(text).then((done) => {
      if (done) setCopied(true);
      else toast("The browser did not let it be copied.", { tone: "error" });
    });
  }, []);
  return { copied, copy };
}

/** Answers whether it worked. Away from loopback and without TLS a browser has no clipboard, only the old command. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a secure context
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
