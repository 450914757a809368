import { CircleX, Coins, ExternalLink, FileBox, Hash } from "lucide-react";
import type { ReactNode } from "react";

import {
  StatusPill,
  Tooltip,
  cx,
  formatAgo,
  formatCompact,
  formatCostSum,
  formatCount,
  formatDateTimeExact,
  formatDuration,
  formatUnpriced,
  plural,
  statusOfExecution,
} from "@/ui";

import { firstError, nextError } from "../model/navigate";
import { RunSwitcher } from "../RunSwitcher/RunSwitcher";
import { useNow, useTrace, useTraceStore, type ExecutionSummary, type TokenSums, type TraceState } from "../store";
import { CopyId } from "./CopyId";
import { LinkIndicator } from "./LinkIndicator";
import styles from "./SummaryStrip.module.css";

/** The run in one line: how it stands, what it took, what failed. */
export function SummaryStrip() {
  const execution = useTrace((state) => state.execution);
  if (execution === null) return <div className={styles.strip} />;
  return (
    <section className={styles.strip} aria-label="Summary of the run">
      <StatusPill status={statusOfExecution(execution.status)} />
      <RunSwitcher execution={execution} />
      <Duration execution={execution} />
      <Errors />
      <Spans />
      <Tokens execution={execution} />
      <Artifacts />
      <CopyId label="trace id" value={execution.traceId} short={execution.traceId.slice(0, 8)} icon={Hash} />
      {execution.externalLinks.map(({ name, url }) => (
        <a key={url} className={styles.link} href={url} target="_blank" rel="noreferrer">
          {name}
          <ExternalLink aria-hidden size={12} />
        </a>
      ))}
      <span className={styles.end}>
        <LinkIndicator />
      </span>
    </section>
  );
}

interface FactProps {
  readonly label: string;
  /** The value says by itself what it is; the label goes where room is short. */
  readonly obvious?: boolean;
  readonly hint?: ReactNode;
  readonly children: ReactNode;
}

function Fact({ label, obvious = false, hint, children }: FactProps) {
  const fact = (
    <span className={styles.fact}>
      <span className={styles.value}>{children}</span>
      <span className={cx(styles.label, obvious && styles.obvious)}>{label}</span>
    </span>
  );
  return hint === undefined ? fact : <Tooltip text={hint}>{fact}</Tooltip>;
}

function Duration({ execution }: { readonly execution: ExecutionSummary }) {
  const originMs = useTrace((state) => state.originMs);
  const now = useNow(100);
  const startMs = execution.startedAt === null || originMs === null ? null : Date.parse(execution.startedAt) - originMs;
  const elapsed = execution.durationMs ?? (startMs === null ? null : Math.max(0, now - startMs));
  const started = execution.startedAt ?? execution.queuedAt;
  if (elapsed === null) return null;
  return (
    <Fact label="duration" obvious hint={`Started ${formatAgo(started)}, ${formatDateTimeExact(started)}`}>
      {formatDuration(elapsed)}
    </Fact>
  );
}

function Spans() {
  const loaded = useTrace((state) => (state.version >= 0 ? state.tree.size : 0));
  const told = useTrace((state) => state.execution?.spanCount ?? 0);
  const loading = useTrace((state) => state.load.phase === "loading");
  const all = Math.max(told, loaded);
  return (
    <Fact label={loading && loaded < all ? `of ${formatCount(all)} loaded` : all === 1 ? "span" : "spans"}>
      {formatCount(loading ? loaded : all)}
    </Fact>
  );
}

function nameOfFirstError({ tree, version }: TraceState): string | null {
  const index = version >= 0 ? firstError(tree) : -1;
  return index < 0 ? null : tree.get(index).displayName;
}

/** How many spans failed, which first, and a click to the next. */
function Errors() {
  const store = useTraceStore();
  const errors = useTrace((state) => (state.version >= 0 ? state.tree.errorCount : 0));
  const first = useTrace(nameOfFirstError);
  if (errors === 0) return null;
  const goOn = () => {
    const { tree, selectedId, selectSpan, change } = store.getState();
    const next = nextError(tree, selectedId === null ? -1 : tree.indexOf(selectedId), false);
    if (next < 0) return;
    change({ view: "tree" });
    selectSpan(tree.get(next).spanId, { reveal: true });
  };
  return (
    <Tooltip text="Next error" keys="e">
      <button type="button" className={styles.errors} onClick={goOn}>
        <CircleX aria-hidden size={14} />
        {plural(errors, "error")}
        {first !== null && <span className={styles.firstError}>, first: {first}</span>}
      </button>
    </Tooltip>
  );
}

function Tokens({ execution }: { readonly execution: ExecutionSummary }) {
  const { input, output, total, cacheRead, cacheWrite, reasoning } = execution.tokenUsage;
  if (total === 0) return null;
  const hint = (
    <>
      {plural(input, "token")} in, {formatCount(output)} out
      {cacheRead > 0 && <>; {formatCount(cacheRead)} of the input read from a cache</>}
      {cacheWrite > 0 && <>; {formatCount(cacheWrite)} written to it</>}
      {reasoning > 0 && <>; {formatCount(reasoning)} of the output are reasoning</>}
    </>
  );
  return (
    <>
      <Fact label="tokens" hint={hint}>
        {formatCompact(input)} → {formatCompact(output)}
      </Fact>
      {cacheRead > 0 && (
        <Fact label="cached" hint="Input tokens read from a provider's cache; part of the input">
          {formatCompact(cacheRead)}
        </Fact>
      )}
      {reasoning > 0 && (
        <Fact label="reasoning" hint="Output tokens spent on reasoning; part of the output">
          {formatCompact(reasoning)}
        </Fact>
      )}
      <Cost usage={execution.tokenUsage} />
    </>
  );
}

function Cost({ usage }: { readonly usage: TokenSums }) {
  if (!usage.costUsd) return null;
  const unpriced = formatUnpriced(usage);
  const cost = (
    <span className={styles.fact}>
      <Coins aria-hidden size={13} />
      <span className={styles.value}>{formatCostSum(usage)}</span>
      <span className="visually-hidden">cost{unpriced && `, ${unpriced}`}</span>
    </span>
  );
  return unpriced === undefined ? cost : <Tooltip text={`Cost ${unpriced}`}>{cost}</Tooltip>;
}

function Artifacts() {
  const store = useTraceStore();
  const count = useTrace((state) => state.artifacts.size);
  if (count === 0) return null;
  return (
    <button type="button" className={styles.plain} onClick={() => store.getState().change({ view: "artifacts" })}>
      <FileBox aria-hidden size={14} />
      {plural(count, "artifact")}
    </button>
  );
}
