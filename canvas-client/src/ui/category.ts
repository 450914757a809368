import {
  Binary,
  Bot,
  CodeXml,
  Database,
  FileSearch,
  Flag,
  Globe,
  Layers,
  Link2,
  ShieldCheck,
  Sparkles,
  Split,
  UserRound,
  Workflow,
  Wrench,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";

/** What a span or a node is about, as far as it looks different. `hue` names the tokens `--cat-<hue>-bar` and `-text`. */
export interface Category {
  readonly label: string;
  readonly hue:
    "workflow" | "llm" | "agent" | "tool" | "retrieval" | "embedding" | "logic" | "guardrail" | "human" | "other";
  readonly Icon: LucideIcon;
}

export const CATEGORIES = {
  workflow: { label: "Workflow", hue: "workflow", Icon: Workflow },
  subflow: { label: "Sub-workflow", hue: "workflow", Icon: Layers },
  llm: { label: "Model call", hue: "llm", Icon: Sparkles },
  agent: { label: "Agent", hue: "agent", Icon: Bot },
  tool: { label: "Tool", hue: "tool", Icon: Wrench },
  http: { label: "HTTP request", hue: "tool", Icon: Globe },
  code: { label: "Code", hue: "tool", Icon: CodeXml },
  retrieval: { label: "Retrieval", hue: "retrieval", Icon: FileSearch },
  database: { label: "Database", hue: "retrieval", Icon: Database },
  embedding: { label: "Embedding", hue: "embedding", Icon: Binary },
  chain: { label: "Step", hue: "logic", Icon: Link2 },
  logic: { label: "Logic", hue: "logic", Icon: Split },
  guardrail: { label: "Guardrail", hue: "guardrail", Icon: ShieldCheck },
  human: { label: "Human", hue: "human", Icon: UserRound },
  other: { label: "Other", hue: "other", Icon: Flag },
} as const satisfies Record<string, Category>;

export type CategoryKey = keyof typeof CATEGORIES;

const BY_SPAN_CATEGORY: Readonly<Record<string, CategoryKey>> = {
  WORKFLOW: "workflow",
  AGENT: "agent",
  LLM: "llm",
  TOOL: "tool",
  RETRIEVER: "retrieval",
  EMBEDDING: "embedding",
  RERANKER: "retrieval",
  GUARDRAIL: "guardrail",
  HTTP: "http",
  DATABASE: "database",
};

const BY_NODE_TYPE: readonly (readonly [RegExp, CategoryKey])[] = [
  [/SubWorkflow/, "subflow"],
  [/Agent/, "agent"],
  [/LLM|ChatModel/, "llm"],
  [/Http|Webhook/, "http"],
  [/Postgres|Mongo|Sql|Database/i, "database"],
  [/Sandbox|Python|JavaScript|Code/, "code"],
  [/Retriev|Search|VectorStore/, "retrieval"],
  [/Embed/, "embedding"],
  [/Guardrail|Eval/, "guardrail"],
  [/Human|Approval/, "human"],
  [/IfElse|Switch|While|ForEach|ForLoop|Edge|Delay|Merge/, "logic"],
];

/** Of a node, by its type as a workflow names it. */
export function categoryOfNode(nodeType: string | null | undefined): CategoryKey {
  if (!nodeType) return "chain";
  return BY_NODE_TYPE.find(([pattern]) => pattern.test(nodeType))?.[1] ?? "chain";
}

/** Of a span, by the API's `SpanCategory`; a span that is a node's execution looks like the node. */
export function categoryOfSpan(spanCategory: string, nodeType?: string | null): CategoryKey {
  if (spanCategory === "NODE") return categoryOfNode(nodeType);
  return BY_SPAN_CATEGORY[spanCategory] ?? "other";
}

/** A custom property for the hue's bar or text colour: `var(--cat-llm-bar)`. */
export const categoryColor = (key: CategoryKey, what: "bar" | "text"): string =>
  `var(--cat-${CATEGORIES[key].hue}-${what})`;
