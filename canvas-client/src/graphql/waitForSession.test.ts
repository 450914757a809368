import { act, waitFor } from "@testing-library/react";
import { gql } from "@urql/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { FakeServer, apiError } from "@/testing/FakeServer";

import { follow, uncachedClient } from "./client";
import { checkSession, fetchInSession, signIn, useSession } from "./session";

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

let server: FakeServer;
let hasSession = false;

beforeEach(() => {
  useSession.setState({ state: "open", required: true, signIns: 0 });
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
    const session = window.fetch.bind(window);
    vi.stubGlobal("fetch", (url: string, init?: RequestInit) => (url === "/file" ? fetched() : session(url, init)));
    const file = fetchInSession("/file");
    await waitFor(() => expect(useSession.getState().state).toBe("expired"));
    await openSession();
    expect(await (await file).text()).toBe("the file");
    expect(fetched).toHaveBeenCalledTimes(2);
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
