import "uplot/dist/uPlot.min.css";

import uPlot from "uplot";
import { useEffect, useLayoutEffect, useRef } from "react";

import { formatCompact, formatCost, formatDuration } from "@/ui";

import { useResolvedTheme } from "../useResolvedTheme";
import styles from "./TokensView.module.css";
import type { UsageStep } from "./usageOverTime";

interface UsagePlotProps {
  readonly steps: readonly UsageStep[];
  /** Where the plot ends: the end of the trace, or now. */
  readonly lengthMs: number;
  readonly onSelect: (step: UsageStep) => void;
}

/** Tokens and cost so far, along the time of the trace. The table beside it says the same in words. */
export default function UsagePlot({ steps, lengthMs, onSelect }: UsagePlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ steps, onSelect });
  const theme = useResolvedTheme();
  const hasCost = (steps.at(-1)?.totalCostUsd ?? 0) > 0;

  useLayoutEffect(() => {
    latest.current = { steps, onSelect };
  });

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new uPlot(options(element, hasCost), hasCost ? [[], [], [], []] : [[], [], []], element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(sizeOf(element)));
    observer.observe(element);
    const select = () => {
      const at = made.cursor.idx ?? null;
      // The first and the last point only carry the lines to the edges.
      const step = at === null ? undefined : latest.current.steps[at - 1];
      if (step) latest.current.onSelect(step);
    };
    made.over.addEventListener("click", select);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
    // Its colours are read when it is made.
  }, [theme, hasCost]);

  useEffect(() => {
    plot.current?.setData(dataOf(steps, lengthMs, hasCost));
  }, [steps, lengthMs, theme, hasCost]);

  return (
    <div aria-hidden className={styles.plotBox}>
      <div ref={box} className={styles.plot} />
    </div>
  );
}

/** A sum stays as it is until the next call ends. */
const stepped = uPlot.paths.stepped?.({ align: 1 });

function dataOf(steps: readonly UsageStep[], lengthMs: number, hasCost: boolean): uPlot.AlignedData {
  const last = steps.at(-1);
  const column = (of: (step: UsageStep) => number) => [0, ...steps.map(of), last ? of(last) : 0];
  return [
    [0, ...steps.map(({ timeMs }) => timeMs), Math.max(lengthMs, last?.timeMs ?? 0)],
    column(({ totalInput }) => totalInput),
    column(({ totalOutput }) => totalOutput),
    ...(hasCost ? [column(({ totalCostUsd }) => totalCostUsd)] : []),
  ];
}

/** Below the plot there is its legend. */
const LEGEND = 32;
/** A higher one says no more. */
const HIGHEST = 420;

const sizeOf = (element: HTMLElement) => ({
  width: Math.max(200, element.clientWidth),
  height: Math.min(HIGHEST, Math.max(160, element.clientHeight - LEGEND)),
});

/** The enumeration is only in the types, not in the library. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const RIGHT = 1 as uPlot.Axis.Side.Right;

function options(element: HTMLElement, hasCost: boolean): uPlot.Options {
  const colors = getComputedStyle(element);
  const color = (name: string) => colors.getPropertyValue(name).trim();
  const axis: Partial<uPlot.Axis> = {
    stroke: color("--text-3"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { stroke: color("--line"), width: 1 },
    font: `11px ${color("--font-ui")}`,
  };
  const line = (label: string, hue: string, more: Partial<uPlot.Series> = {}): uPlot.Series => ({
    label,
    stroke: color(hue),
    width: 2,
    ...(stepped && { paths: stepped }),
    points: { show: false },
    value: (_, value: number | null) => formatCompact(value),
    ...more,
  });
  const series = [
    { label: "Time", value: (_: uPlot, value: number | null) => (value === null ? "" : `+${formatDuration(value)}`) },
    line("Tokens in", "--cat-agent-bar"),
    line("Tokens out", "--cat-llm-bar"),
  ];
  const cost = line("Cost", "--cat-tool-bar", {
    scale: "cost",
    dash: [5, 4],
    value: (_, value: number | null) => formatCost(value),
  });
  return {
    ...sizeOf(element),
    scales: { x: { time: false } },
    cursor: { drag: { x: false, y: false }, points: { size: 8 } },
    axes: [
      { ...axis, space: 96, values: (_, values) => values.map((value) => formatDuration(value)) },
      { ...axis, size: 56, space: 56, values: (_, values) => values.map((value) => formatCompact(value)) },
      {
        ...axis,
        scale: "cost",
        side: RIGHT,
        size: 64,
        show: hasCost,
        grid: { show: false },
        values: (_, values) => values.map((value) => formatCost(value)),
      },
    ],
    series: hasCost ? [...series, cost] : series,
  };
}
