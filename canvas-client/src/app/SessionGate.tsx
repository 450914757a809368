import { useEffect } from "react";
import type { ReactNode } from "react";

import { checkSession, useSession } from "@/graphql";

import { SignInAgain, SignInPage } from "./SignIn";

/**
 * Shows `children` to those who may see them. While that is not known they are shown as well: what they ask for is what the
 * server decides about, and an open server should not cost a round trip first.
 */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const state = useSession(({ state }) => state);

  useEffect(() => {
    void checkSession();
  }, []);

  if (state === "signedOut") return <SignInPage />;
  return (
    <>
      {children}
      {state === "expired" && <SignInAgain />}
    </>
  );
}
