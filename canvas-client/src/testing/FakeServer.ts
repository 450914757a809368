import { vi } from "vitest";

type Variables = Readonly<Record<string, unknown>>;
type Answer = (variables: Variables) => unknown;

interface Subscription {
  readonly name: string;
  readonly variables: Variables;
  readonly socket: FakeSocket;
  readonly id: string;
}

/** The application has one socket for all tests of a file; it speaks to the server of the test that runs. */
let current: FakeServer | null = null;

const listen = (server: FakeServer) => {
  current = server;
};

const bodyOf = (init?: RequestInit): unknown => JSON.parse(typeof init?.body === "string" ? init.body : "null");

const operationName = (query: string): string => /(?:query|mutation|subscription)\s+(\w+)/.exec(query)?.[1] ?? "";

/**
 * The server as a page sees it: `/graphql` over HTTP and over a socket, and `/api/session`. Answers are functions by the
 * operation's name; one that throws or rejects is answered as an error of that message, one that is missing leaves the request pending.
 */
export class FakeServer {
  readonly answers = new Map<string, Answer>();
  /** What was asked, in order. */
  readonly requests: { readonly name: string; readonly variables: Variables }[] = [];
  readonly subscriptions: Subscription[] = [];
  session = { required: false, authenticated: true };
  isDown = false;

  constructor() {
    vi.stubGlobal("fetch", (input: string, init?: RequestInit) => this.fetch(input, init));
    listen(this);
  }

  answer(name: string, answer: Answer): this {
    this.answers.set(name, answer);
    return this;
  }

  /** How often an operation was asked for. */
  asked(name: string): number {
    return this.requests.filter((request) => request.name === name).length;
  }

  /** Tells all who follow the subscription. */
  emit(name: string, data: unknown): void {
    for (const { name: known, socket, id } of this.subscriptions) {
      if (known === name) socket.tell({ type: "next", id, payload: { data } });
    }
  }

  /** Closes all sockets, as a server does that no longer knows their session; `session` says whether new ones are taken. */
  refuse(): void {
    for (const socket of new Set(this.subscriptions.splice(0).map(({ socket }) => socket))) socket.close(4401);
  }

  private async fetch(input: string, init?: RequestInit): Promise<Response> {
    if (this.isDown) throw new TypeError("Failed to fetch");
    if (input.startsWith("/api/session")) return this.answerSession(init);
    const { query, variables = {} } = bodyOf(init) as { query: string; variables?: Variables };
    const name = operationName(query);
    this.requests.push({ name, variables });
    const answer = this.answers.get(name);
    if (!answer) return new Promise(() => undefined);
    await Promise.resolve();
    try {
      return json({ data: await answer(variables) });
    } catch (error) {
      const { message, code = "INTERNAL" } = error as Error & { code?: string };
      return json({ data: null, errors: [{ message, extensions: { code } }] });
    }
  }

  private answerSession(init?: RequestInit): Response {
    if (init?.method !== "POST") return json(this.session);
    const { token } = bodyOf(init) as { token: string };
    if (token !== "right") return json({ code: "UNAUTHENTICATED" }, 401);
    this.session = { required: true, authenticated: true };
    return json(this.session);
  }
}

/** An error that the API answers with. */
export function apiError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

interface SocketMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { readonly query?: string; readonly variables?: Variables; readonly data?: unknown };
}

/** Speaks graphql-transport-ws; in the place of the browser's own. */
export class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readyState = FakeSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: (() => void) | null = null;

  constructor() {
    queueMicrotask(() => {
      this.readyState = FakeSocket.OPEN;
      this.onopen?.();
    });
  }

  tell(message: SocketMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  send(text: string): void {
    const { type, id = "", payload } = JSON.parse(text) as SocketMessage;
    if (type === "connection_init") queueMicrotask(() => this.answerInit());
    const subscriptions = current?.subscriptions ?? [];
    if (type === "subscribe") {
      subscriptions.push({
        name: operationName(payload?.query ?? ""),
        variables: payload?.variables ?? {},
        socket: this,
        id,
      });
    }
    if (type === "complete") {
      const at = subscriptions.findIndex((known) => known.socket === this && known.id === id);
      if (at >= 0) subscriptions.splice(at, 1);
    }
  }

  private answerInit(): void {
    if (current?.session.authenticated === false) this.close(4401);
    else this.tell({ type: "connection_ack" });
  }

  close(code = 1000): void {
    this.readyState = FakeSocket.CLOSED;
    this.onclose?.(new CloseEvent("close", { code }));
  }
}
