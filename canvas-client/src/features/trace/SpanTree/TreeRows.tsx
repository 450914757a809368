import { useTrace } from "../store";
import type { RowList } from "../model/flattenRows";
import { ownIntervals, skewOf } from "../model/selfTime";
import type { SpanTree } from "../model/spanTree";
import { criticalPathOf } from "../store/selectors";
import { hitsOf } from "../store/rows";
import type { Scale } from "../Waterfall/barGeometry";
import { GroupRow } from "./GroupRow";
import { SpanRow } from "./SpanRow";
import { UnreadRow } from "./UnreadRow";
import type { RowPlace } from "./rowProps";
import type { GridGeometry } from "./useGridGeometry";
import type { RowWindow } from "./useRowWindow";

interface TreeRowsProps {
  readonly rows: RowList;
  readonly shown: RowWindow;
  /** Drawn even when it is out of view: it has the focus. */
  readonly currentRow: number;
  readonly geometry: GridGeometry;
  readonly scale: Scale;
  readonly zeroMs: number;
}

/** The rows in view. */
export function TreeRows({ rows, shown, currentRow, geometry, scale, zeroMs }: TreeRowsProps) {
  const tree = useTrace((state) => state.tree);
  const version = useTrace((state) => state.version);
  const selectedId = useTrace((state) => state.selectedId);
  const hits = useTrace(hitsOf);
  const onlyHits = useTrace((state) => state.onlyHits);
  const path = useTrace(criticalPathOf);
  const rootSpanId = useTrace((state) => state.execution?.rootSpanId);

  const selectedRow = selectedId === null ? -1 : rows.rowOf(tree.indexOf(selectedId));
  const subtreeEnd = endOfSubtree(rows, selectedRow, shown.last);
  const indices: number[] = [];
  if (currentRow < shown.first && currentRow >= 0) indices.push(currentRow);
  for (let row = shown.first; row < shown.last; row += 1) indices.push(row);
  if (currentRow >= shown.last && currentRow < rows.length) indices.push(currentRow);

  return indices.map((index) => {
    const { span: spanIndex, group, level, position, setSize, expanded, matched } = rows.at(index);
    const inside = selectedRow >= 0 && index > selectedRow && index < subtreeEnd;
    const place: RowPlace = {
      row: index,
      level,
      position,
      setSize,
      expanded,
      selected: index === selectedRow,
      current: index === currentRow,
      guide: inside ? rows.levelAt(selectedRow) : null,
      passing: !matched,
    };
    const query = hits?.query ?? null;
    if (group?.kind === "unread") {
      return <UnreadRow key={group.key} {...place} group={group} tree={tree} geometry={geometry} />;
    }
    if (group !== null) {
      return (
        <GroupRow
          key={group.key}
          {...place}
          group={group}
          tree={tree}
          version={version}
          geometry={geometry}
          scale={scale}
          query={query}
        />
      );
    }
    const span = tree.get(spanIndex);
    return (
      <SpanRow
        key={span.spanId}
        {...place}
        span={span}
        geometry={geometry}
        scale={scale}
        own={ownOf(tree, spanIndex)}
        critical={path?.get(spanIndex)}
        errorsBelow={tree.errorsBelow(spanIndex)}
        descendants={tree.descendantCount(spanIndex)}
        tokens={tree.subtreeTokens(spanIndex)}
        costUsd={tree.subtreeCostUsd(spanIndex)}
        unpriced={tree.subtreeUnpriced(spanIndex)}
        // A run that goes on with its caller's trace has a parent that nobody expects here.
        orphan={tree.isOrphan(spanIndex) && span.spanId !== rootSpanId}
        cycle={tree.isCycleBreak(spanIndex)}
        iterated={tree.isIterated(spanIndex)}
        skew={skewOf(tree, spanIndex)}
        superseded={isSuperseded(tree, spanIndex)}
        faded={hits !== null && !onlyHits && hits.flags[spanIndex] !== 1}
        query={query}
        offsetMs={span.startMs - zeroMs}
      />
    );
  });
}

function endOfSubtree(rows: RowList, row: number, limit: number): number {
  if (row < 0) return -1;
  const level = rows.levelAt(row);
  const most = Math.min(limit, rows.length);
  let end = row + 1;
  while (end < most && rows.levelAt(end) > level) end += 1;
  return end;
}

interface OwnTimes {
  readonly coverage: Float64Array;
  readonly span: object;
  readonly own: readonly number[];
}

const ownTimes = new WeakMap<SpanTree, Map<number, OwnTimes>>();
/** Rows that were drawn lately; all of a large trace need not be remembered. */
const MOST_REMEMBERED = 2_000;

/** The same array until the span or the times of its children change, so that its row is not drawn again. */
function ownOf(tree: SpanTree, index: number): readonly number[] {
  let ofTree = ownTimes.get(tree);
  if (ofTree === undefined || ofTree.size > MOST_REMEMBERED) {
    ofTree = new Map<number, OwnTimes>();
    ownTimes.set(tree, ofTree);
  }
  const span = tree.get(index);
  const coverage = tree.coverageOf(index);
  const known = ofTree.get(index);
  if (known?.coverage === coverage && known.span === span) return known.own;
  const own = ownIntervals(tree, index, Infinity);
  ofTree.set(index, { coverage, span, own });
  return own;
}

function isSuperseded(tree: SpanTree, index: number): boolean {
  const { statusCode, attempt, iteration } = tree.get(index);
  if (statusCode !== "ERROR" || attempt === null) return false;
  return tree.siblingsOf(index).some((other) => {
    const sibling = tree.get(other);
    return (
      tree.likeness[other] === tree.likeness[index] &&
      sibling.iteration === iteration &&
      (sibling.attempt ?? 0) > attempt
    );
  });
}
