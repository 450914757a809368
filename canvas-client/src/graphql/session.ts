import { create } from "zustand";

import { reportReachable, reportRecovered } from "./connection";

/** `expired`: there was a session, and the page behind the sign-in is worth keeping. */
interface Session {
  readonly state: "unknown" | "open" | "signedOut" | "expired";
  /** Whether this server asks for a token at all; null while that is not known. */
  readonly required: boolean | null;
  /** How often it was opened again: what was refused before is asked for again when it changes. */
  readonly signIns: number;
}

export const useSession = create<Session>(() => ({ state: "unknown", required: null, signIns: 0 }));

/** Which session a request is sent in: to be kept until its answer comes. */
export const currentSession = (): number => useSession.getState().signIns;

/** Tells that what was sent in a session was refused. A refusal that comes after a newer sign-in says nothing about that. */
export function reportUnauthenticated(sentIn: number): void {
  if (sentIn !== currentSession()) return;
  useSession.setState(({ state }) => ({
    required: true,
    state: state === "open" || state === "expired" ? "expired" : "signedOut",
  }));
}

function opened(): void {
  useSession.setState(({ state, signIns }) => ({
    state: "open",
    signIns: state === "signedOut" || state === "expired" ? signIns + 1 : signIns,
  }));
}

/**
 * Calls `then` once, when there is a session after that one: soon when the reader has signed in meanwhile, else after the next
 * sign-in. Not at all when the returned function is called before.
 */
export function onSessionAfter(session: number, then: () => void): () => void {
  if (session === currentSession()) {
    const stop = useSession.subscribe(({ signIns }) => {
      if (signIns === session) return;
      stop();
      then();
    });
    return stop;
  }
  let wanted = true;
  queueMicrotask(() => {
    if (wanted) then();
  });
  return () => {
    wanted = false;
  };
}

/** `fetch` that, when it is refused for want of a session, waits for a sign-in and asks again. */
export async function fetchInSession(url: string, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const session = currentSession();
    const response = await fetch(url, { credentials: "same-origin", ...init });
    if (response.status !== 401) return response;
    reportUnauthenticated(session);
    await new Promise<void>((resolve) => onSessionAfter(session, resolve));
  }
}

interface SessionAnswer {
  readonly required: boolean;
  readonly authenticated: boolean;
}

/** Asks the server whether a sign-in is needed. Answers whether the server could be reached. */
export async function checkSession(): Promise<boolean> {
  const session = currentSession();
  try {
    const response = await fetch("/api/session", { headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(response.statusText);
    const { required, authenticated } = (await response.json()) as SessionAnswer;
    reportReachable(true);
    useSession.setState({ required });
    if (authenticated) opened();
    else reportUnauthenticated(session);
    return true;
  } catch {
    reportReachable(false);
    return false;
  }
}

/** Gives the token for a cookie. Answers what went wrong, in words; null when the session is open. */
export async function signIn(token: string): Promise<string | null> {
  try {
    const response = await fetch("/api/session", {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (response.ok) {
      opened();
      reportRecovered();
      return null;
    }
    return response.status === 401
      ? "This is not the access token of this server."
      : `The server answered ${response.status}. Try again.`;
  } catch {
    return "The server cannot be reached. Is it running?";
  }
}

export async function signOut(): Promise<void> {
  await fetch("/api/session", { method: "DELETE" }).catch(() => undefined);
  useSession.setState({ required: true, state: "signedOut" });
}
