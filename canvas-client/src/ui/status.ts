import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  CircleX,
  DatabaseZap,
  Hourglass,
  LoaderCircle,
  RotateCw,
  Unplug,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";

/** How a state looks. `tone` names the tokens `--state-<tone>-bar` and `-text`. */
export interface Status {
  readonly label: string;
  readonly tone: "ok" | "error" | "running" | "waiting" | "muted";
  readonly Icon: LucideIcon;
}

export const STATUSES = {
  ok: { label: "Succeeded", tone: "ok", Icon: CircleCheck },
  error: { label: "Failed", tone: "error", Icon: CircleX },
  running: { label: "Running", tone: "running", Icon: LoaderCircle },
  queued: { label: "Queued", tone: "muted", Icon: CircleDashed },
  waiting: { label: "Waiting", tone: "waiting", Icon: Hourglass },
  retried: { label: "Retried", tone: "error", Icon: RotateCw },
  cancelled: { label: "Cancelled", tone: "muted", Icon: Ban },
  skipped: { label: "Skipped", tone: "muted", Icon: CircleSlash },
  cached: { label: "Cached", tone: "muted", Icon: DatabaseZap },
  lost: { label: "Abandoned", tone: "muted", Icon: Unplug },
} as const satisfies Record<string, Status>;

export type StatusKey = keyof typeof STATUSES;

const BY_EXECUTION_STATUS: Readonly<Record<string, StatusKey>> = {
  QUEUED: "queued",
  RUNNING: "running",
  SUCCEEDED: "ok",
  FAILED: "error",
  CANCELLED: "cancelled",
  ABANDONED: "lost",
};

/** Of an execution, by the API's `ExecutionStatus`. */
export const statusOfExecution = (status: string): StatusKey => BY_EXECUTION_STATUS[status] ?? "lost";

/** Of a span, by the API's `SpanState` and `SpanStatusCode`. */
export function statusOfSpan(state: string, code: string): StatusKey {
  if (state === "RUNNING") return "running";
  if (code === "ERROR") return "error";
  return state === "ABANDONED" ? "lost" : "ok";
}
