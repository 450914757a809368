import { act, waitFor } from "@testing-library/react";
import { gql } from "@urql/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { FakeServer, apiError } from "@/testing/FakeServer";

import { follow, uncachedClient } from "./client";
import { checkSession, currentSession, fetchInSession, reportUnauthenticated, signIn, useSession } from "./session";

interface Updates {
  readonly traceUpdates: { readonly cursor: string };
}

const ExecutionDocument = gql<{ executionByTraceId: null }>`
  query Execution($traceId: String!) {
    executionByTraceId(traceId: $traceId) {
      id
    }
  }
`;

const UpdatesDocument = gql<Updates, { executionId: string; after: string }>`
  subscription Updates($executionId: ID!, $after: String) {
    traceUpdates(executionId: $executionId, after: $after) {
      cursor
    }
  }
`;

const traceId = "0af7651916cd43dd8448eb211c80319c";

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

let server: FakeServer;
let hasSession = false;

beforeEach(() => {
  useSession.setState({ state: "open", required: true });
  hasSession = false;
  server = new FakeServer();
  server.answer("Execution", () => {
    if (!hasSession) throw apiError("UNAUTHENTICATED", "sign in first");
    return { executionByTraceId: null };
  });
});

const openSession = async () => {
  hasSession = true;
  await act(() => signIn("right"));
};

describe("what is refused for want of a session", () => {
  it("is asked for again after the sign-in, and only then answered", async () => {
    const answered = vi.fn();
    void uncachedClient.query(ExecutionDocument, { traceId }).toPromise().then(answered);
    await waitFor(() => expect(useSession.getState().state).toBe("expired"));
    expect(answered).not.toHaveBeenCalled();
    await openSession();
    await waitFor(() =>
      expect(answered).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ data: { executionByTraceId: null } })),
    );
    expect(server.asked("Execution")).toBe(2);
  });

  it("is asked for again when the session was opened elsewhere", async () => {
    const answer = uncachedClient.query(ExecutionDocument, { traceId }).toPromise();
    await waitFor(() => expect(useSession.getState().state).toBe("expired"));
    hasSession = true;
    await checkSession();
    expect((await answer).data).toEqual({ executionByTraceId: null });
  });

  it("and no longer wanted is not asked for again", async () => {
    const asked = uncachedClient.query(ExecutionDocument, { traceId }).subscribe(() => undefined);
    await waitFor(() => expect(useSession.getState().state).toBe("expired"));
    asked.unsubscribe();
    await openSession();
    await uncachedClient.query(ExecutionDocument, { traceId: "f".repeat(32) }).toPromise();
    expect(server.requests.map(({ variables }) => variables.traceId)).toEqual([traceId, "f".repeat(32)]);
  });

  it("waits as a download does", async () => {
    const fetched = vi.fn(() =>
      Promise.resolve(hasSession ? new Response("the file") : new Response("", { status: 401 })),
    );
    const others = window.fetch.bind(window);
    vi.stubGlobal("fetch", (url: string, init?: RequestInit) => (url === "/file" ? fetched() : others(url, init)));
    const file = fetchInSession("/file");
    await waitFor(() => expect(useSession.getState().state).toBe("expired"));
    await openSession();
    expect(await (await file).text()).toBe("the file");
    expect(fetched).toHaveBeenCalledTimes(2);
  });
});

describe("a refusal that comes after the reader has signed in", () => {
  let session = 0;

  /** The reader is asked to sign in, and does so while what was sent before is still under way. */
  const signInMeanwhile = async () => {
    session = currentSession();
    reportUnauthenticated(session);
    await openSession();
  };

  afterEach(() => expect(useSession.getState()).toMatchObject({ state: "open", signIns: session + 1 }));

  it("has the query sent again", async () => {
    const refused = deferred<never>();
    const answers = vi.fn<() => unknown>(() => ({ executionByTraceId: null })).mockReturnValueOnce(refused.promise);
    server.answer("Execution", answers);
    const answer = uncachedClient.query(ExecutionDocument, { traceId }).toPromise();
    await waitFor(() => expect(answers).toHaveBeenCalledOnce());
    await signInMeanwhile();
    refused.reject(apiError("UNAUTHENTICATED", "sign in first"));
    expect((await answer).data).toEqual({ executionByTraceId: null });
    expect(answers).toHaveBeenCalledTimes(2);
  });

  it("has the file asked for again", async () => {
    const refused = deferred<Response>();
    const others = window.fetch.bind(window);
    const file = () => (hasSession ? Promise.resolve(new Response("the file")) : refused.promise);
    vi.stubGlobal("fetch", (url: string, init?: RequestInit) => (url === "/file" ? file() : others(url, init)));
    const answer = fetchInSession("/file");
    await signInMeanwhile();
    refused.resolve(new Response("", { status: 401 }));
    expect(await (await answer).text()).toBe("the file");
  });

  it("has the feed followed again", async () => {
    const stop = follow(UpdatesDocument, {
      variables: () => ({ executionId: "1", after: "begin" }),
      next: () => undefined,
      error: (errors) => expect.unreachable(JSON.stringify(errors)),
      complete: () => undefined,
    });
    await waitFor(() => expect(server.subscriptions).toHaveLength(1));
    await signInMeanwhile();
    server.refuse();
    await waitFor(() => expect(server.subscriptions).toHaveLength(1));
    stop();
  });

  it("is passed over when it only answers whether there is a session", async () => {
    const answer = deferred<Response>();
    const others = window.fetch.bind(window);
    vi.stubGlobal("fetch", (url: string, init?: RequestInit) => (init?.method ? others(url, init) : answer.promise));
    const checked = checkSession();
    await signInMeanwhile();
    answer.resolve(Response.json({ required: true, authenticated: false }));
    expect(await checked).toBe(true);
  });
});

describe("a feed whose session ends", () => {
  let stop: () => void = () => undefined;
  const error = vi.fn();
  let cursor = "begin";

  beforeEach(async () => {
    cursor = "begin";
    stop = follow(UpdatesDocument, {
      variables: () => ({ executionId: "1", after: cursor }),
      next: ({ traceUpdates }) => void (cursor = traceUpdates.cursor),
      error,
      complete: () => undefined,
    });
    await waitFor(() => expect(server.subscriptions).toHaveLength(1));
    server.emit("Updates", { traceUpdates: { cursor: "middle" } });
    server.session = { required: true, authenticated: false };
    server.refuse();
    await waitFor(() => expect(useSession.getState().state).toBe("expired"));
  });

  afterEach(() => stop());

  it("goes on from its cursor after the sign-in", async () => {
    expect(server.subscriptions).toEqual([]);
    await openSession();
    await waitFor(() => expect(server.subscriptions[0]?.variables).toEqual({ executionId: "1", after: "middle" }));
    expect(error).not.toHaveBeenCalled();
  });

  it("and which nobody follows any more, does not", async () => {
    stop();
    await openSession();
    expect(server.subscriptions).toEqual([]);
  });
});
