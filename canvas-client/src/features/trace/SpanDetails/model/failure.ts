import type { SpanFacts } from "../api/spanDetails";

export interface StackFrame {
  /** The line of the stack that names it. */
  readonly text: string;
  readonly own: boolean;
}

/** Why a span failed, from its exception, its attributes or its status, whichever says most. */
export interface Failure {
  readonly type: string | null;
  readonly message: string | null;
  readonly stack: string | null;
  /** Where it failed in the author's own code; null when the stack does not say. */
  readonly ownFrame: string | null;
}

type FailedSpan = Pick<SpanFacts, "status" | "attributes" | "events">;

/** Null when the span did not fail. */
export function readFailure({ status, attributes, events }: FailedSpan): Failure | null {
  if (status.code !== "ERROR") return null;
  const exception = events.findLast(({ name }) => name === "exception")?.attributes as
    Readonly<Record<string, unknown>> | undefined;
  const stack = text(exception?.["exception.stacktrace"]) ?? text(attributes["exception.stacktrace"]);
  const type =
    text(exception?.["exception.type"]) ??
    text(attributes["exception.type"]) ??
    text(attributes["error.type"]) ??
    text(attributes["orcheo.error.code"]);
  const message =
    text(exception?.["exception.message"]) ??
    text(status.message) ??
    text(attributes["exception.message"]) ??
    text(attributes["error.message"]);
  return {
    type,
    // Some say the same twice.
    message: message === type ? null : message,
    stack,
    ownFrame: stack === null ? null : firstOwnFrame(stack),
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

/** Python: `File "app.py", line 3, in run`. JavaScript and Java: `at run (app.js:3:5)`. Go and Rust: `app.go:3`, `at src/a.rs:3`. */
const FRAMES = [
  /^\s*File "(?<file>[^"]+)", line \d+/,
  /^\s*at .*?\(?(?<file>[^\s()]+?):\d+(?::\d+)?\)?$/,
  /^\s*at (?<file>[\w.$]+)\([^)]*\)$/,
  /^\s+(?<file>\S+\.go):\d+/,
] as const;

/** Code that came with the language or out of a registry. */
const FOREIGN =
  /site-packages|dist-packages|node_modules|lib\/python\d|importlib|node:|<anonymous>|<frozen|^(?:java|javax|jdk|sun|kotlin|org\.springframework|org\.apache)\.|\/rustc\/|\.cargo\/registry|\/usr\/(?:local\/)?(?:lib|go)\/|\/go\/pkg\/mod\/|^internal\//;

export function readFrames(stack: string): readonly StackFrame[] {
  return stack.split("\n").flatMap((line) => {
    for (const pattern of FRAMES) {
      const file = pattern.exec(line)?.groups?.file;
      if (file !== undefined) return [{ text: line.trim(), own: !FOREIGN.test(file) }];
    }
    return [];
  });
}

/** The innermost frame of the author's code: Python names it last, everybody else first. */
function firstOwnFrame(stack: string): string | null {
  const own = readFrames(stack).filter((frame) => frame.own);
  const isPython = /Traceback \(most recent call last\)|^\s*File "/m.test(stack);
  return (isPython ? own.at(-1) : own[0])?.text ?? null;
}
