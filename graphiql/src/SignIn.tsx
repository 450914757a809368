import { type FormEvent, type ReactNode, useEffect, useState } from "react";

type State = "asking" | "open" | "closed" | "unreachable";

/** Shows its children once the server lets this browser in, and asks for the access token until then. */
export function SignIn({ children }: { children: ReactNode }) {
  const [state, setState] = useState<State>("asking");
  const [problem, setProblem] = useState("");

  useEffect(() => {
    fetch("/api/session")
      .then((response) => response.json())
      .then((session: { authenticated: boolean }) => setState(session.authenticated ? "open" : "closed"))
      .catch(() => setState("unreachable"));
  }, []);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get("token");
    const response = await fetch("/api/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (response.ok) {
      setState("open");
    } else {
      const { detail } = (await response.json()) as { detail: string };
      setProblem(detail);
    }
  }

  switch (state) {
    case "asking":
      return null;
    case "open":
      return children;
    case "unreachable":
      return <main className="sign-in">The server does not answer. Reload this page to try again.</main>;
    case "closed":
      return (
        <main className="sign-in">
          <form onSubmit={submit}>
            <h1>orcheo-trace</h1>
            <label htmlFor="token">Access token</label>
            <input id="token" name="token" type="password" autoComplete="current-password" required autoFocus />
            <button type="submit">Sign in</button>
            <p role="alert">{problem}</p>
          </form>
        </main>
      );
  }
}
