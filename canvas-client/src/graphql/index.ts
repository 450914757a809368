export { client, follow, uncachedClient } from "./client";
export { useConnection } from "./connection";
export { describeError, errorCode } from "./errors";
export { graphql } from "./generated";
export type * from "./generated/graphql";
export { checkSession, signIn, signOut, useSession } from "./session";
export type { FeedError } from "./socket";
