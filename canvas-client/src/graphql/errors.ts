import type { CombinedError } from "@urql/core";

/** What to tell the reader: the cause in words, not the transport's. */
export function describeError(error: CombinedError): string {
  const first = error.graphQLErrors[0];
  if (first) return first.message;
  return error.networkError ? "The server cannot be reached. Is it running?" : error.message;
}

/** The stable code of the first error, for example `NOT_FOUND`; null when the server did not answer. */
export function errorCode(error: CombinedError): string | null {
  const code = error.graphQLErrors[0]?.extensions.code;
  return typeof code === "string" ? code : null;
}
