import { SUBJECT_OF_BODY, isRecord, list, text } from "./document";
import type { DocumentObject, Path } from "./document";
import { flowOrder } from "./order";
import type { GraphEdge, GraphNode, WorkflowGraph } from "./workflowGraph";

/** Some nodes and what leads from one to the next, before they are put in order. */
interface Scope {
  readonly of: GraphNode | null;
  readonly nodes: GraphNode[];
  readonly edges: Omit<GraphEdge, "back">[];
}

/** What is still to be read: a body, in the scope of its node. */
interface Open {
  readonly of: GraphNode | null;
  readonly document: DocumentObject;
  readonly path: Path;
}

/** Deeper than the engine goes; what is deeper cannot run. */
const DEEPEST = 32;

/**
 * Reads a definition as far as it can be drawn. It asks for nothing: what is missing or of another type is left out, because
 * the server tells what is wrong with a definition.
 */
export function buildGraph(definition: unknown): WorkflowGraph {
  if (!isRecord(definition) || list(definition.nodes).length === 0) return { nodes: [], edges: [] };
  const scopes = new Map<string | null, Scope>();
  const open: Open[] = [{ of: null, document: definition, path: [] }];
  for (let next = open.pop(); next; next = open.pop()) {
    const scope = readScope(next);
    scopes.set(next.of?.id ?? null, scope);
    for (const node of scope.nodes) {
      if (node.body !== null && node.path.length < DEEPEST * 4) {
        open.push({ of: node, document: node.config, path: node.path });
      }
    }
  }
  return inOrder(scopes);
}

/** One scope after the other, each right behind its node. */
function inOrder(scopes: ReadonlyMap<string | null, Scope>): WorkflowGraph {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const waiting: GraphNode[] = [];
  const enter = (scope: Scope | undefined) => {
    if (!scope) return;
    const byId = new Map(scope.nodes.map((node) => [node.id, node]));
    const { order, back } = flowOrder([...byId.keys()], scope.edges);
    scope.edges.forEach((edge, index) => edges.push({ ...edge, back: back.has(index) }));
    for (const id of order.toReversed()) waiting.push(byId.get(id)!);
  };
  enter(scopes.get(null));
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    nodes.push(node);
    if (node.body !== null) enter(scopes.get(node.id));
  }
  return { nodes, edges };
}

function readScope({ of, document, path }: Open): Scope {
  switch (of?.body) {
    case "tools":
      return readTools(of, document, path);
    case "steps":
      return readSteps(of, document, path);
    case "each":
    case "workflow": {
      const key = SUBJECT_OF_BODY[of.body];
      const body = document[key];
      if (!isRecord(body)) return { of, nodes: [], edges: [] };
      if (Array.isArray(body.nodes)) return readFlow(of, body, [...path, key]);
      return { of, nodes: [readNode(of, body, [...path, key], "item")], edges: [] };
    }
    case null:
    case undefined:
      return readFlow(null, document, path);
  }
}

const inside = (of: GraphNode | null, name: string): string => (of === null ? name : `${of.id}/${name}`);

function readNode(of: GraphNode | null, config: DocumentObject, path: Path, fallback: string): GraphNode {
  const name = text(config.name) ?? fallback;
  const type = text(config.type);
  const body = bodyOf(config);
  const subject = body === "each" ? config.body : null;
  return {
    id: inside(of, name),
    name,
    label: text(config.display_name) ?? name,
    role: "node",
    type,
    scope: of?.id ?? null,
    body,
    bodyName: isRecord(subject) && Array.isArray(subject.nodes) ? (text(subject.name) ?? "body") : null,
    workflowId: text(config.workflow_id) ?? text(config.workflow),
    path,
    config,
  };
}

function bodyOf(config: DocumentObject): GraphNode["body"] {
  if (isRecord(config.body)) return "each";
  if (isRecord(config.graph)) return "workflow";
  if (list(config.steps).some(isRecord)) return "steps";
  return [...list(config.tools), ...list(config.workflow_tools)].some(isRecord) ? "tools" : null;
}

function readSteps(of: GraphNode, document: DocumentObject, path: Path): Scope {
  const nodes = list(document.steps).flatMap((step, index) =>
    isRecord(step) ? [readNode(of, step, [...path, "steps", index], `step ${index + 1}`)] : [],
  );
  const edges = nodes.slice(1).map((node, index) => edge(nodes[index]!.id, node.id, "normal"));
  return { of, nodes: unique(nodes), edges };
}

/** A tool is a node, a workflow by id, or a workflow written in place; it is called what the agent calls it. */
function readTools(of: GraphNode, document: DocumentObject, path: Path): Scope {
  const nodes = ["tools", "workflow_tools"].flatMap((key) =>
    list(document[key]).flatMap((tool, index) => {
      if (!isRecord(tool)) return [];
      const own = text(tool.name) ?? `tool ${index + 1}`;
      const at = [...path, key, index];
      // Only a node's runs are told by name.
      const node = isRecord(tool.node)
        ? readNode(of, tool.node, [...at, "node"], own)
        : { ...readNode(of, tool, at, own), name: "" };
      return [{ ...node, id: inside(of, own), label: own }];
    }),
  );
  return { of, nodes: unique(nodes), edges: [] };
}

/** Names that are there twice are a problem of the document, and still drawn. */
function unique(nodes: readonly GraphNode[]): GraphNode[] {
  const seen = new Map<string, number>();
  return nodes.map((node) => {
    const count = (seen.get(node.id) ?? 0) + 1;
    seen.set(node.id, count);
    return count === 1 ? node : { ...node, id: `${node.id}#${count}` };
  });
}

const edge = (
  source: string,
  target: string,
  kind: GraphEdge["kind"],
  label: string | null = null,
  condition: string | null = null,
): Omit<GraphEdge, "back"> => ({
  id: `${source}→${target}${label === null ? "" : `:${label}`}`,
  source,
  target,
  kind,
  label,
  condition,
});

const isMarker = (config: DocumentObject) => config.type === "START" || config.type === "END";

function marker(of: GraphNode | null, role: "start" | "end"): GraphNode {
  const label = role.toUpperCase();
  return {
    id: inside(of, label),
    name: "",
    label: of === null ? (role === "start" ? "Start" : "End") : label,
    role,
    type: null,
    scope: of?.id ?? null,
    body: null,
    bodyName: null,
    workflowId: null,
    path: [],
    config: {},
  };
}

/** Nodes with edges, conditional edges and parallel branches. */
function readFlow(of: GraphNode | null, document: DocumentObject, path: Path): Scope {
  const read = (key: "nodes" | "edge_nodes") =>
    list(document[key]).flatMap((config, index) =>
      isRecord(config) && !isMarker(config) ? [readNode(of, config, [...path, key, index], `${key} ${index + 1}`)] : [],
    );
  const flow = new Flow(of, unique(read("nodes")), read("edge_nodes"));

  for (const entry of list(document.edges)) {
    const [source, target] = isRecord(entry) ? [entry.source, entry.target] : list(entry);
    flow.connect(text(source), text(target), "normal");
  }
  for (const branches of list(document.parallel_branches)) {
    if (!isRecord(branches)) continue;
    const join = text(branches.join);
    for (const target of list(branches.targets)) {
      flow.connect(text(branches.source), text(target), "parallel");
      if (join !== null) flow.connect(text(target), join, "join");
    }
  }
  for (const conditional of list(document.conditional_edges)) {
    if (isRecord(conditional)) flow.decide(conditional);
  }
  flow.finish();
  return { of, nodes: flow.nodes(), edges: flow.edges() };
}

class Flow {
  private readonly found = new Map<string, Omit<GraphEdge, "back">>();
  private readonly start: GraphNode;
  private readonly end: GraphNode;
  private readonly plain: readonly GraphNode[];
  private readonly byName: ReadonlyMap<string, GraphNode>;
  private readonly deciders: ReadonlyMap<string, GraphNode>;
  private readonly used: GraphNode[] = [];

  constructor(of: GraphNode | null, plain: readonly GraphNode[], deciders: readonly GraphNode[]) {
    const start = marker(of, "start");
    const end = marker(of, "end");
    this.start = start;
    this.end = end;
    this.plain = plain;
    this.byName = new Map([["START", start], ...plain.map((node) => [node.name, node] as const), ["END", end]]);
    this.deciders = new Map(deciders.map((node) => [node.name, { ...node, role: "decider" }]));
  }

  connect(source: string | null, target: string | null, kind: GraphEdge["kind"]): void {
    const from = this.byName.get(source ?? "");
    const to = this.byName.get(target ?? "");
    if (from && to) this.add(edge(from.id, to.id, kind));
  }

  /** A decider stands between its source and its targets; the branches of a path into the state leave the source itself. */
  decide({ source, path, mapping, default: otherwise }: DocumentObject): void {
    let from = this.byName.get(text(source) ?? "");
    if (!from) return;
    const by = text(path) ?? "";
    const decider = this.deciders.get(by);
    if (decider) {
      const before = this.used.filter(({ name }) => name === decider.name).length;
      const drawn = before === 0 ? decider : { ...decider, id: `${decider.id}#${before + 1}` };
      this.used.push(drawn);
      this.add(edge(from.id, drawn.id, "normal"));
      from = drawn;
    }
    const branches = isRecord(mapping) ? Object.entries(mapping) : [];
    for (const [branch, target] of branches) {
      this.branch(from, text(target), branch, decider ? `it decides ${branch}` : `${by} is ${branch}`);
    }
    const rest = text(otherwise);
    if (rest !== null) this.branch(from, rest, "otherwise", "nothing else fits");
    else if (!decider || !branchesOf(decider).every((branch) => branches.some(([known]) => known === branch))) {
      this.branch(from, "END", "otherwise", "nothing else fits");
    }
  }

  private branch(from: GraphNode, target: string | null, label: string, condition: string): void {
    const to = this.byName.get(target ?? "");
    if (to) this.add(edge(from.id, to.id, "conditional", label, condition));
  }

  /** A plain edge that is said twice, once as a branch, is the branch. */
  private add(next: Omit<GraphEdge, "back">): void {
    const known = this.found.get(next.id);
    if (!known || known.kind === "normal") this.found.set(next.id, next);
  }

  /** What leads nowhere leads to END. */
  finish(): void {
    const sources = new Set(Array.from(this.found.values(), ({ source }) => source));
    for (const node of [...this.plain, ...this.used]) {
      if (!sources.has(node.id)) this.add(edge(node.id, this.end.id, "normal"));
    }
  }

  nodes(): GraphNode[] {
    const all = [...this.plain, ...this.used];
    // Around a single node inside of another one, markers tell nothing.
    if (this.start.scope !== null && all.length === 1) return all;
    const reachesEnd = Array.from(this.found.values()).some(({ target }) => target === this.end.id);
    return [this.start, ...all, ...(reachesEnd ? [this.end] : [])];
  }

  edges(): Omit<GraphEdge, "back">[] {
    const drawn = new Set(this.nodes().map(({ id }) => id));
    return Array.from(this.found.values()).filter(({ source, target }) => drawn.has(source) && drawn.has(target));
  }
}

/** The branches that a decider can take, as its type has them. */
function branchesOf({ type, config }: GraphNode): string[] {
  if (type?.startsWith("While")) return ["continue", "exit"];
  if (type?.startsWith("Switch")) {
    const cases = list(config.cases).map((entry, index) =>
      isRecord(entry) ? (text(entry.branch_key) ?? `case_${index + 1}`) : "",
    );
    return [...cases, text(config.default_branch_key) ?? "default"];
  }
  return ["true", "false"];
}
