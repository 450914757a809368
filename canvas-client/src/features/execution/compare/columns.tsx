import { Link } from "react-router";

import { tracePath } from "@/app";
import {
  CategoryIcon,
  StatusPill,
  categoryOfSpan,
  cx,
  formatCount,
  formatDuration,
  formatTokens,
  plural,
  statusOfSpan,
} from "@/ui";
import type { Column } from "@/ui";

import type { Step, StepPair } from "./alignRuns";
import styles from "./RunComparison.module.css";
import { signed } from "./delta";
import type { ComparedRun } from "./documents";
import type { OutputChange } from "./useComparison";

const INDENT = 14;
const DEEPEST = 8;

const CHANGE_WORDS: Readonly<Record<OutputChange, string>> = { same: "same", changed: "changed", unknown: "" };

const differenceOf = ({ a, b }: StepPair, of: (step: Step) => number | null): number | null => {
  const [one, other] = [a && of(a), b && of(b)];
  return one === null || other === null ? null : other - one;
};

const durationOf = ({ durationMs }: Step) => durationMs;
const tokensOf = ({ tokens }: Step) => tokens;

/**
 * Each step with its state, time and tokens in both runs, the differences, and whether its output changed. Where there is little
 * room, the difference in time stands beside the step, and the states beside the times.
 */
export function comparisonColumns(
  [runA, runB]: readonly [ComparedRun, ComparedRun],
  pairs: readonly StepPair[],
  changes: ReadonlyMap<string, OutputChange>,
  isNarrow: boolean,
): readonly Column<StepPair>[] {
  const largest = Math.max(0, ...pairs.map((pair) => Math.abs(differenceOf(pair, durationOf) ?? 0)));
  const looped = new Set(
    pairs.flatMap(({ a, b }) => (((a ?? b)?.span.iteration ?? 1) > 1 ? [(a ?? b)?.span.nodeId] : [])),
  );
  const hasTokens = pairs.some(({ a, b }) => (a?.tokens ?? 0) + (b?.tokens ?? 0) > 0);
  const hasOutputs = [...changes.values()].some((change) => change !== "unknown");
  const name = (pair: StepPair) => <Name pair={pair} looped={looped} />;
  const wide: readonly Column<StepPair>[] = [
    { id: "name", label: "Step", width: 180, grow: 3, cell: name },
    { id: "a-state", label: "A", width: 72, cell: ({ a }) => <State step={a} /> },
    { id: "b-state", label: "B", width: 72, cell: ({ b }) => <State step={b} /> },
    { id: "a-time", label: "Time A", width: 76, align: "end", cell: ({ a }) => <Time step={a} run={runA} side="A" /> },
    { id: "b-time", label: "Time B", width: 76, align: "end", cell: ({ b }) => <Time step={b} run={runB} side="B" /> },
    {
      id: "time",
      label: "Difference",
      width: 148,
      align: "end",
      cell: (pair) => <Difference ms={differenceOf(pair, durationOf)} largest={largest} />,
    },
  ];
  const narrow: readonly Column<StepPair>[] = [
    { id: "name", label: "Step", width: 110, grow: 3, cell: name },
    {
      id: "time",
      label: "Difference",
      width: 100,
      align: "end",
      cell: (pair) => signed(differenceOf(pair, durationOf), formatDuration),
    },
    { id: "a", label: "A", width: 88, cell: ({ a }) => <StateAndTime step={a} run={runA} side="A" /> },
    { id: "b", label: "B", width: 88, cell: ({ b }) => <StateAndTime step={b} run={runB} side="B" /> },
  ];
  const columns: (Column<StepPair> | false)[] = [
    ...(isNarrow ? narrow : wide),
    hasTokens && {
      id: "a-tokens",
      label: "Tokens A",
      width: 84,
      align: "end",
      cell: ({ a }) => formatTokens(a?.tokens),
    },
    hasTokens && {
      id: "b-tokens",
      label: "Tokens B",
      width: 84,
      align: "end",
      cell: ({ b }) => formatTokens(b?.tokens),
    },
    hasTokens && {
      id: "tokens",
      label: "Difference",
      width: 104,
      align: "end",
      cell: (pair) => signed(differenceOf(pair, tokensOf), formatCount),
    },
    hasOutputs && {
      id: "output",
      label: "Output",
      width: 92,
      cell: ({ key }) => {
        const change = changes.get(key) ?? "unknown";
        return <span className={cx(change === "same" && styles.faint)}>{CHANGE_WORDS[change]}</span>;
      },
    },
  ];
  return columns.filter((column) => column !== false);
}

interface NameProps {
  readonly pair: StepPair;
  readonly looped: ReadonlySet<string | null | undefined>;
}

function Name({ pair: { a, b, depth }, looped }: NameProps) {
  const span = (a ?? b)?.span;
  if (span === undefined) return null;
  return (
    <span className={styles.name} style={{ paddingLeft: Math.min(depth, DEEPEST) * INDENT }}>
      <CategoryIcon category={categoryOfSpan(span.category, span.nodeType)} />
      <span className={styles.text} title={span.displayName}>
        {span.displayName}
      </span>
      {span.iteration != null && looped.has(span.nodeId) && <span className={styles.faint}>#{span.iteration}</span>}
    </span>
  );
}

function State({ step }: { readonly step: Step | null }) {
  if (step === null) return <span className={styles.faint}>not run</span>;
  const { state, status } = step.span;
  return (
    <span className={styles.state}>
      <StatusPill status={statusOfSpan(state, status.code)} compact />
      {step.attempts > 1 && <span title={plural(step.attempts, "attempt")}>×{step.attempts}</span>}
    </span>
  );
}

interface TimeProps {
  readonly step: Step | null;
  readonly run: ComparedRun;
  readonly side: "A" | "B";
}

/** Leads to the step's span in the trace of its run. */
function Time({ step, run, side }: TimeProps) {
  if (step === null) return null;
  const { executionId, traceId, workflow } = run;
  const target = { workflowId: workflow?.workflowId ?? null, executionId, traceId, spanId: step.span.spanId };
  return (
    <Link to={tracePath(target)} title={`Open in the trace of run ${side}`}>
      {formatDuration(step.durationMs) || "open"}
      <span className="visually-hidden">
        : {step.span.displayName} in the trace of run {side}
      </span>
    </Link>
  );
}

function StateAndTime(props: TimeProps) {
  return (
    <span className={styles.state}>
      <State step={props.step} />
      <Time {...props} />
    </span>
  );
}

/** To the right what took longer in the second run, to the left what took less. */
function Difference({ ms, largest }: { readonly ms: number | null; readonly largest: number }) {
  if (ms === null) return null;
  return (
    <span className={styles.delta}>
      <span aria-hidden className={styles.scale}>
        <span
          className={ms > 0 ? styles.slower : styles.faster}
          style={{ width: `${largest > 0 ? (Math.abs(ms) / largest) * 50 : 0}%` }}
        />
      </span>
      <span className={styles.amount}>{signed(ms, formatDuration)}</span>
    </span>
  );
}
