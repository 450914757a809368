export { client, follow, uncachedClient } from "./client";
export { useConnection, useOnRecovery } from "./connection";
export { describeError, errorCode } from "./errors";
export { graphql } from "./generated";
export type * from "./generated/graphql";
export { checkSession, fetchInSession, signIn, signOut, useSession } from "./session";
export type { FeedError } from "./socket";
export { useExecutionUpdates } from "./useExecutionUpdates";
export type { ExecutionUpdate } from "./useExecutionUpdates";
