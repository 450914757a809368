import { flowOrder } from "./order";
import type { GraphEdge, GraphNode, WorkflowGraph } from "./workflowGraph";

/** A span, as far as the graph of a workflow that another engine runs can be told from it. */
export interface SeenSpan {
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly nodeId: string | null;
  readonly nodeType: string | null;
  readonly displayName: string;
  readonly startOffsetMs: number;
  /** Null while it runs. */
  readonly durationMs: number | null;
}

interface Visit {
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Nodes are those that spans name. One follows another when it starts after the other's end with nothing whole between them,
 * and is inside of the one whose span contains its own.
 */
export function deriveGraph(spans: readonly SeenSpan[]): WorkflowGraph {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const nodes = new Map<string, GraphNode>();
  const visits = new Map<string | null, Visit[]>();
  const named = new NamedAncestors(byId);

  for (const span of [...spans].sort((one, other) => one.startOffsetMs - other.startOffsetMs)) {
    const { nodeId, nodeType, displayName } = span;
    if (nodeId === null) continue;
    const scope = named.above(span);
    if (scope === nodeId) continue;
    const known = nodes.get(nodeId);
    if (!known) nodes.set(nodeId, seenNode(nodeId, nodeType, displayName, scope));
    else if (known.scope !== scope) continue;
    const visit = { id: nodeId, start: span.startOffsetMs, end: span.startOffsetMs + (span.durationMs ?? Infinity) };
    const among = visits.get(scope);
    if (among) among.push(visit);
    else visits.set(scope, [visit]);
  }
  return inOrder(nodes, visits);
}

const seenNode = (name: string, type: string | null, label: string, scope: string | null): GraphNode => ({
  id: name,
  name,
  label,
  role: "node",
  type,
  scope,
  body: null,
  bodyName: null,
  workflowId: null,
  path: [],
  config: {},
});

/** The nearest span above that names a node other than the span's own. */
class NamedAncestors {
  private readonly found = new Map<string, string | null>();
  private readonly byId: ReadonlyMap<string, SeenSpan>;

  constructor(byId: ReadonlyMap<string, SeenSpan>) {
    this.byId = byId;
  }

  above(span: SeenSpan): string | null {
    const way: string[] = [];
    const passed = new Set<string>();
    let result: string | null = null;
    for (let at: SeenSpan | undefined = span; at && !passed.has(at.spanId);) {
      const known = this.found.get(at.spanId);
      if (known !== undefined) {
        result = known;
        break;
      }
      passed.add(at.spanId);
      way.push(at.spanId);
      const parent: SeenSpan | undefined = at.parentSpanId === null ? undefined : this.byId.get(at.parentSpanId);
      if (parent?.nodeId) {
        result = parent.nodeId;
        break;
      }
      at = parent;
    }
    for (const spanId of way) this.found.set(spanId, result);
    return result;
  }
}

function inOrder(
  nodes: ReadonlyMap<string, GraphNode>,
  visits: ReadonlyMap<string | null, readonly Visit[]>,
): WorkflowGraph {
  const edges: GraphEdge[] = [];
  const orders = new Map<string | null, readonly string[]>();
  for (const [scope, among] of visits) {
    const ids = [...new Set(among.map(({ id }) => id))];
    const arrows = successions(among);
    const { order, back } = flowOrder(ids, arrows);
    orders.set(scope, order);
    arrows.forEach(({ source, target }, index) =>
      edges.push({
        id: `${source}→${target}`,
        source,
        target,
        kind: "normal",
        label: null,
        condition: null,
        back: back.has(index),
      }),
    );
  }
  const sorted: GraphNode[] = [];
  const placed = new Set<string>();
  const waiting = [...(orders.get(null) ?? [])].reverse();
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    // Spans of a broken trace may contain each other in a circle.
    if (placed.has(id)) continue;
    placed.add(id);
    const inner = orders.get(id) ?? [];
    sorted.push({ ...nodes.get(id)!, body: inner.length > 0 ? "workflow" : null });
    waiting.push(...[...inner].reverse());
  }
  return { nodes: sorted, edges: edges.filter(({ source, target }) => placed.has(source) && placed.has(target)) };
}

/** What ended last before a visit began is what it followed; several, if none of them began after another's end. */
function successions(visits: readonly Visit[]): { source: string; target: string }[] {
  const byStart = [...visits].sort((one, other) => one.start - other.start);
  const byEnd = [...visits].sort((one, other) => one.end - other.end);
  const found = new Map<string, { source: string; target: string }>();
  let ended = 0;
  let latestStart = -Infinity;
  for (const visit of byStart) {
    while (ended < byEnd.length && byEnd[ended]!.end <= visit.start && byEnd[ended] !== visit) {
      latestStart = Math.max(latestStart, byEnd[ended]!.start);
      ended += 1;
    }
    for (let at = ended - 1; at >= 0 && byEnd[at]!.end >= latestStart; at -= 1) {
      const { id: source, start, end } = byEnd[at]!;
      if (end === latestStart && start < latestStart) continue;
      found.set(`${source}→${visit.id}`, { source, target: visit.id });
    }
  }
  return Array.from(found.values());
}
