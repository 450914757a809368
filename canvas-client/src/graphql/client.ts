import { Client, cacheExchange, fetchExchange, mapExchange, subscriptionExchange, stringifyDocument } from "@urql/core";
import type { CombinedError, Exchange, TypedDocumentNode } from "@urql/core";

import { reportReachable } from "./connection";
import { onSessionAfter } from "./session";
import { createSocket, followOn, isRefusal } from "./socket";
import type { Feed } from "./socket";
import { waitForSession } from "./waitForSession";

const HTTP_URL = "/graphql";

const socket = createSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${HTTP_URL}`);

/** A gateway that answers for a server that is down is no answer of the server. */
const isGatewayError = (error: CombinedError) =>
  [502, 503, 504].includes((error.response as Response | undefined)?.status ?? 0);

const watchErrors: Exchange = mapExchange({
  onResult: ({ error, operation }) => {
    if (operation.kind === "subscription") return;
    if (!error) {
      reportReachable(true);
      return;
    }
    const aborted = error.networkError?.name === "AbortError";
    if (!aborted) reportReachable(!error.networkError || (error.response !== undefined && !isGatewayError(error)));
  },
});

const subscriptions = subscriptionExchange({
  forwardSubscription: ({ query, variables }) => ({
    subscribe: (sink) => ({
      unsubscribe: socket.subscribe(
        { query: query ?? "", variables: variables as Record<string, unknown> },
        sink as Parameters<typeof socket.subscribe>[1],
      ),
    }),
  }),
});

const base = { url: HTTP_URL, preferGetMethod: false, fetchOptions: { credentials: "same-origin" } } as const;

/** For what screens show: answers are kept by document, and read again after a mutation that touches their types. */
export const client = new Client({
  ...base,
  exchanges: [watchErrors, cacheExchange, waitForSession, fetchExchange, subscriptions],
});

/** For what is large or kept elsewhere: nothing is cached, nothing is added to the document. */
export const uncachedClient = new Client({
  ...base,
  requestPolicy: "network-only",
  exchanges: [watchErrors, waitForSession, fetchExchange, subscriptions],
});

type FeedOptions<Data, Variables extends Record<string, unknown>> = Omit<Feed<Data, Variables>, "query">;

/**
 * Follows a subscription until the returned function is called. Unlike urql's, it asks for its variables again after each
 * lost connection, so that a feed with a cursor goes on where it was; the same after a session that ended, once the reader
 * has signed in again.
 */
export function follow<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  { error, ...feed }: FeedOptions<Data, Variables>,
): () => void {
  const query = stringifyDocument(document);
  const begin = (): (() => void) =>
    followOn(socket, {
      query,
      ...feed,
      error: (errors) => {
        if (errors.some(isRefusal)) stop = onSessionAfter(socket.refusedIn(), () => (stop = begin()));
        else error(errors);
      },
    });
  let stop = begin();
  return () => stop();
}
