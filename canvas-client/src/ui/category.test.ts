import { expect, test } from "vitest";

import { categoryColor, categoryOfNode, categoryOfSpan } from "./category";

test.each([
  ["LLM", null, "llm"],
  ["WORKFLOW", null, "workflow"],
  ["NODE", "JavaScriptSandboxNode", "code"],
  ["NODE", "SubWorkflowNode", "subflow"],
  ["NODE", "IfElseEdge", "logic"],
  ["NODE", "SetVariableNode", "chain"],
  ["NODE", null, "chain"],
  ["SOMETHING_NEW", null, "other"],
])("a span of %s for node type %s looks like %s", (category, nodeType, expected) => {
  expect(categoryOfSpan(category, nodeType)).toBe(expected);
});

test("related categories share a hue", () => {
  expect(categoryColor("http", "bar")).toBe(categoryColor("tool", "bar"));
  expect(categoryColor(categoryOfNode("PostgresNode"), "text")).toBe("var(--cat-retrieval-text)");
});
