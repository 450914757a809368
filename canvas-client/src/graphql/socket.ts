import { CloseCode, createClient } from "graphql-ws";
import type { Client as SocketClient, Sink } from "graphql-ws";

import { socketEvents } from "./connection";
import { currentSession, reportUnauthenticated } from "./session";

/** Longest wait between two attempts: somebody who looks at the notice should not have to reload. */
const LONGEST_WAIT_MS = 10_000;

/** The code of a close after a refused `connection_init`, and of an upgrade that was not allowed. */
const REFUSED: readonly number[] = [CloseCode.Unauthorized, CloseCode.Forbidden];

const backoff = (attempt: number) =>
  Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(attempt, 10)) * (0.75 + Math.random() / 2);

const codeOf = (event: unknown) => (event instanceof CloseEvent ? event.code : null);

export interface Socket extends SocketClient {
  /** The session in which it was refused last. */
  readonly refusedIn: () => number;
}

/** The one socket for all subscriptions: opened by the first, closed after the last, opened again when it is lost. */
export function createSocket(url: string): Socket {
  let session = currentSession();
  let refusedIn = session;
  const client = createClient({
    url,
    lazy: true,
    lazyCloseTimeout: 5_000,
    keepAlive: 12_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (event) => !REFUSED.includes(codeOf(event) ?? 0),
    retryWait: (attempt) => new Promise((resolve) => wait(backoff(attempt), resolve)),
    on: {
      connecting: () => {
        session = currentSession();
        socketEvents.connecting();
      },
      connected: () => socketEvents.connected(),
      closed: (event) => {
        const code = codeOf(event);
        if (code === 1000) socketEvents.closed();
        else socketEvents.lost();
        if (code !== null && REFUSED.includes(code)) {
          refusedIn = session;
          reportUnauthenticated(session);
        }
      },
    },
  });
  return { ...client, refusedIn: () => refusedIn };
}

/** Ends early when the machine is online again or the page is looked at again. */
function wait(milliseconds: number, done: () => void): void {
  const timer = setTimeout(finish, milliseconds);
  const onVisible = () => {
    if (document.visibilityState === "visible") finish();
  };
  window.addEventListener("online", finish);
  document.addEventListener("visibilitychange", onVisible);
  function finish() {
    clearTimeout(timer);
    window.removeEventListener("online", finish);
    document.removeEventListener("visibilitychange", onVisible);
    done();
  }
}

export interface Feed<Data, Variables extends Record<string, unknown>> {
  /** The document's text. */
  readonly query: string;
  /** Asked for again on every (re)connection, so that a feed resumes at its newest cursor. */
  readonly variables: () => Variables;
  readonly next: (data: Data) => void;
  /** The feed is over: the server refused or ended it. A lost connection is no error. */
  readonly error: (errors: readonly FeedError[]) => void;
  readonly complete: () => void;
}

export interface FeedError {
  readonly message: string;
  readonly code: string | null;
  readonly reason: string | null;
}

/** Follows a feed until the returned function is called. */
export function followOn<Data, Variables extends Record<string, unknown>>(
  socket: SocketClient,
  feed: Feed<Data, Variables>,
): () => void {
  let over = false;
  const finish = (errors: readonly FeedError[]) => {
    if (over) return;
    over = true;
    feed.error(errors);
  };
  const sink: Sink<{ data?: Data | null; errors?: readonly unknown[] }> = {
    next: (result) => {
      if (over) return;
      if (result.errors) finish(result.errors.map(feedError));
      else if (result.data) feed.next(result.data);
    },
    error: (error) => finish(Array.isArray(error) ? error.map(feedError) : [feedError(error)]),
    complete: () => {
      if (over) return;
      over = true;
      feed.complete();
    },
  };
  const payload = {
    query: feed.query,
    // Read by the socket each time it sends the subscription.
    get variables() {
      return feed.variables();
    },
  };
  const stop = socket.subscribe(payload, sink);
  return () => {
    over = true;
    stop();
  };
}

const CODES: Readonly<Record<number, string>> = {
  [CloseCode.Unauthorized]: "UNAUTHENTICATED",
  [CloseCode.Forbidden]: "FORBIDDEN",
};

/** Whether a feed ended for want of a session. */
export const isRefusal = ({ code }: FeedError): boolean => code === "UNAUTHENTICATED" || code === "FORBIDDEN";

function feedError(error: unknown): FeedError {
  const closed = codeOf(error);
  if (closed !== null) return { message: "The connection was closed.", code: CODES[closed] ?? null, reason: null };
  const { message, extensions } = (typeof error === "object" && error !== null ? error : {}) as {
    message?: unknown;
    extensions?: { code?: unknown; reason?: unknown };
  };
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return {
    message: text(message) ?? "The connection was closed.",
    code: text(extensions?.code),
    reason: text(extensions?.reason),
  };
}
