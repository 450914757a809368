import type { CombinedError, Exchange, Operation } from "@urql/core";
import { filter, makeSubject, merge, pipe, tap } from "wonka";

import { onNextSignIn, reportUnauthenticated } from "./session";

const isUnauthenticated = (error: CombinedError | undefined) =>
  error?.graphQLErrors.some(({ extensions }) => extensions.code === "UNAUTHENTICATED") ?? false;

/**
 * Holds back what is refused for want of a session and sends it again after the next sign-in, so that a page whose session
 * ended waits for the reader instead of failing in as many ways as it asks.
 */
export const waitForSession: Exchange = ({ forward }) => {
  const refused = new Map<number, Operation>();
  const again = makeSubject<Operation>();
  const sendAgain = () => {
    const operations = [...refused.values()];
    refused.clear();
    for (const operation of operations) again.next(operation);
  };
  const hold = (operation: Operation) => {
    if (refused.size === 0) onNextSignIn(sendAgain);
    refused.set(operation.key, operation);
    reportUnauthenticated();
  };

  return (operations) =>
    pipe(
      merge([
        pipe(
          operations,
          tap(({ kind, key }) => kind === "teardown" && refused.delete(key)),
        ),
        again.source,
      ]),
      forward,
      filter(({ operation, error }) => {
        if (operation.kind === "subscription" || !isUnauthenticated(error)) return true;
        hold(operation);
        return false;
      }),
    );
};
