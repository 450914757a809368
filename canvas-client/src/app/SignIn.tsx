import { useEffect, useId, useRef, useState } from "react";

import { signIn } from "@/graphql";
import { Button, Dialog } from "@/ui";

import styles from "./SignIn.module.css";

/** Instead of the page, for a reader who has not signed in. */
export function SignInPage() {
  return (
    <div className={styles.page}>
      <div className={styles.card}>
        <h1 className={styles.title}>Sign in</h1>
        <p className={styles.text}>
          This server asks for its access token: the one it was started with, as <code>ORCHEO_TRACE_TOKEN</code>.
        </p>
        <SignInForm />
      </div>
    </div>
  );
}

/** Over the page, for a reader whose session ended: what was open stays. */
export function SignInAgain() {
  return (
    <Dialog title="Your session has ended" width={400} dismissible={false} onClose={() => undefined}>
      <p className={styles.text}>Sign in again to go on where you were.</p>
      <SignInForm />
    </Dialog>
  );
}

function SignInForm() {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);

  // There is nothing else to do here.
  useEffect(() => field.current?.focus(), []);

  const submit = async () => {
    if (token.trim() === "") {
      setProblem("Enter the access token.");
      return;
    }
    setBusy(true);
    setProblem(await signIn(token.trim()));
    setBusy(false);
  };

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label htmlFor={id} className={styles.label}>
        Access token
      </label>
      <input
        ref={field}
        id={id}
        type="password"
        autoComplete="current-password"
        className={styles.input}
        value={token}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-problem`}
        onChange={(event) => {
          setToken(event.target.value);
          setProblem(null);
        }}
      />
      <p id={`${id}-problem`} role="alert" className={styles.problem}>
        {problem}
      </p>
      <Button type="submit" variant="primary" busy={busy}>
        Sign in
      </Button>
    </form>
  );
}
