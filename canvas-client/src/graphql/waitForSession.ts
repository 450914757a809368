import type { CombinedError, Exchange, Operation } from "@urql/core";
import { filter, makeSubject, merge, pipe, tap } from "wonka";

import { currentSession, onSessionAfter, reportUnauthenticated } from "./session";

const isUnauthenticated = (error: CombinedError | undefined) =>
  error?.graphQLErrors.some(({ extensions }) => extensions.code === "UNAUTHENTICATED") ?? false;

/**
 * Holds back what is refused for want of a session and sends it again after the next sign-in, so that a page whose session
 * ended waits for the reader instead of failing in as many ways as it asks.
 */
export const waitForSession: Exchange = ({ forward }) => {
  const sentIn = new Map<number, number>();
  const held = new Map<number, () => void>();
  const again = makeSubject<Operation>();
  const send = ({ kind, key }: Operation) => {
    if (kind === "teardown") {
      held.get(key)?.();
      held.delete(key);
      sentIn.delete(key);
    } else {
      sentIn.set(key, currentSession());
    }
  };
  const hold = (operation: Operation, session: number) => {
    const sendAgain = () => {
      held.delete(operation.key);
      again.next(operation);
    };
    reportUnauthenticated(session);
    held.set(operation.key, onSessionAfter(session, sendAgain));
  };

  return (operations) =>
    pipe(
      merge([operations, again.source]),
      tap(send),
      forward,
      filter(({ operation, error }) => {
        if (operation.kind === "subscription") return true;
        const session = sentIn.get(operation.key) ?? currentSession();
        sentIn.delete(operation.key);
        if (!isUnauthenticated(error)) return true;
        hold(operation, session);
        return false;
      }),
    );
};
