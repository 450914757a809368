import { describe, expect, it } from "vitest";

import { buildGraph } from "./buildGraph";
import { runOf } from "./fixtures";
import { stateOf, takenEdges } from "./nodeStates";
import type { NodeRun, RunOfGraph } from "./nodeStates";

const run = (status: RunOfGraph["status"], ...nodes: readonly (string | NodeRun)[]): RunOfGraph => ({
  status,
  runs: new Map(nodes.map((node) => (typeof node === "string" ? [node, runOf(node)] : ([node.nodeId, node] as const)))),
});

const node = (name: string, rest: object = {}) => ({ name, type: "SetVariableNode", ...rest });

const TRIAGE = buildGraph({
  nodes: ["classify", "escalate", "reply"].map((name) => node(name)),
  edge_nodes: [{ name: "urgent", type: "IfElseEdge" }],
  edges: [
    ["START", "classify"],
    ["escalate", "reply"],
  ],
  conditional_edges: [{ source: "classify", path: "urgent", mapping: { true: "escalate", false: "reply" } }],
});

const statusIn = (graph: typeof TRIAGE, state: RunOfGraph | null) => (id: string) => {
  const found = graph.nodes.find((one) => one.id === id);
  if (!found) throw new Error(id);
  return stateOf(found, state).status;
};

describe("stateOf", () => {
  it("tells nothing without a run", () => {
    expect(statusIn(TRIAGE, null)("classify")).toBeNull();
    expect(statusIn(TRIAGE, null)("START")).toBeNull();
  });

  it("tells how far a run has come", () => {
    const status = statusIn(TRIAGE, run("RUNNING", "classify", runOf("urgent", { state: "RUNNING" })));
    expect(["START", "classify", "urgent", "reply", "END"].map(status)).toEqual([
      "ok",
      "ok",
      "running",
      "pending",
      "pending",
    ]);
  });

  it("tells what a finished run never came to", () => {
    const failed = runOf("classify", { status: { code: "ERROR", message: "no answer" } });
    const status = statusIn(TRIAGE, run("FAILED", failed));
    expect(["classify", "reply", "END"].map(status)).toEqual(["error", "unreached", "unreached"]);
  });

  it("does not blame a node that was stopped", () => {
    const stopped = runOf("reply", { status: { code: "ERROR", message: "the run was cancelled" } });
    expect(statusIn(TRIAGE, run("CANCELLED", stopped))("reply")).toBe("cancelled");
  });

  it("tells what was left behind", () => {
    const left = runOf("reply", { state: "ABANDONED", status: { code: "UNSET", message: null } });
    expect(statusIn(TRIAGE, run("ABANDONED", left))("reply")).toBe("lost");
  });

  it("waits at START while the run is queued", () => {
    expect(statusIn(TRIAGE, run("QUEUED"))("START")).toBe("pending");
  });

  it("says nothing of tools whose runs are not told by name", () => {
    const agent = buildGraph({
      nodes: [node("agent", { tools: [{ name: "greet", workflow: "welcome" }] })],
      edges: [["START", "agent"]],
    });
    expect(statusIn(agent, run("SUCCEEDED", "agent"))("agent/greet")).toBeNull();
  });
});

describe("takenEdges", () => {
  const taken = (...names: readonly string[]) => [...takenEdges(TRIAGE, run("SUCCEEDED", ...names))].sort();

  it("follows the run", () => {
    expect(taken("classify", "urgent", "escalate", "reply")).toEqual([
      "START→classify",
      "classify→urgent",
      "escalate→reply",
      "reply→END",
      "urgent→escalate:true",
    ]);
  });

  it("takes a branch that is the only way in", () => {
    expect(taken("classify", "urgent", "reply")).toContain("urgent→reply:false");
  });

  it("claims no branch where another way led in as well", () => {
    expect(taken("classify", "urgent", "escalate", "reply")).not.toContain("urgent→reply:false");
  });

  it("ends at a node that failed", () => {
    const failed = runOf("classify", { status: { code: "ERROR", message: null } });
    expect([...takenEdges(TRIAGE, run("FAILED", failed, "urgent"))]).toEqual(["START→classify"]);
  });

  it("is nothing without a run", () => {
    expect(takenEdges(TRIAGE, null).size).toBe(0);
  });

  it("goes into a body, and leaves its end open", () => {
    const each = buildGraph({
      nodes: [
        node("each", {
          body: {
            nodes: [node("x"), node("y")],
            edges: [
              ["START", "x"],
              ["x", "y"],
            ],
          },
        }),
      ],
      edges: [["START", "each"]],
    });
    expect([...takenEdges(each, run("SUCCEEDED", "each", "x", "y"))]).toEqual(
      expect.arrayContaining(["each/START→each/x", "each/x→each/y"]),
    );
    expect(takenEdges(each, run("SUCCEEDED", "each", "x", "y")).has("each/y→each/END")).toBe(false);
  });
});
