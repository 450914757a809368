import { describe, expect, it } from "vitest";

import { buildGraph } from "./buildGraph";

const node = (name: string, rest: object = {}) => ({ name, type: "SetVariableNode", ...rest });

/** Edges as text: `source -kind(label)-> target`, a loop with `~` instead of the last `-`. */
const edgesOf = (definition: unknown) =>
  buildGraph(definition).edges.map(
    ({ source, target, kind, label, back }) =>
      `${source} ${kind}${label === null ? "" : `(${label})`}${back ? "~" : "-"}> ${target}`,
  );

const idsOf = (definition: unknown) => buildGraph(definition).nodes.map(({ id }) => id);

describe("buildGraph", () => {
  it("draws START, nodes and END in the order of the flow", () => {
    const definition = {
      nodes: [node("b"), node("a")],
      edges: [["START", "a"], { source: "a", target: "b" }, ["b", "END"]],
    };
    expect(idsOf(definition)).toEqual(["START", "a", "b", "END"]);
    expect(edgesOf(definition)).toEqual(["START normal-> a", "a normal-> b", "b normal-> END"]);
  });

  it("leads what leads nowhere to END, and leaves END out when nothing does", () => {
    expect(edgesOf({ nodes: [node("a")], edges: [["START", "a"]] })).toContain("a normal-> END");
    const circle = {
      nodes: [node("a")],
      edges: [["START", "a"]],
      conditional_edges: [{ source: "a", path: "a.more", mapping: { true: "a" }, default: "a" }],
    };
    expect(idsOf(circle)).toEqual(["START", "a"]);
  });

  it("takes entries of the types START and END for markers", () => {
    const definition = {
      nodes: [{ name: "START", type: "START" }, node("a"), { name: "END", type: "END" }],
      edges: [
        ["START", "a"],
        ["a", "END"],
      ],
    };
    expect(idsOf(definition)).toEqual(["START", "a", "END"]);
  });

  it("shows the display name, and knows where a node is written", () => {
    const [, a] = buildGraph({ nodes: [node("a", { display_name: "First" })], edges: [["START", "a"]] }).nodes;
    expect(a).toMatchObject({ label: "First", name: "a", type: "SetVariableNode", path: ["nodes", 0], role: "node" });
  });

  describe("conditions", () => {
    const decider = (rest: object) => ({
      nodes: [node("a"), node("b"), node("c")],
      edges: [["START", "a"]],
      ...rest,
    });

    it("stands a decider between its source and its targets", () => {
      const definition = decider({
        edge_nodes: [{ name: "urgent", type: "IfElseEdge" }],
        conditional_edges: [{ source: "a", path: "urgent", mapping: { true: "b", false: "c" } }],
      });
      expect(edgesOf(definition)).toEqual([
        "START normal-> a",
        "a normal-> urgent",
        "urgent conditional(true)-> b",
        "urgent conditional(false)-> c",
        "b normal-> END",
        "c normal-> END",
      ]);
      const urgent = buildGraph(definition).nodes.find(({ id }) => id === "urgent");
      expect(urgent).toMatchObject({ role: "decider", path: ["edge_nodes", 0] });
    });

    it("ends the run where nothing fits: only if a branch is left over", () => {
      const missing = (type: string, mapping: object, rest: object = {}) =>
        edgesOf(
          decider({
            edge_nodes: [{ name: "d", type, ...rest }],
            conditional_edges: [{ source: "a", path: "d", mapping }],
          }),
        ).includes("d conditional(otherwise)-> END");
      expect(missing("IfElseEdge", { true: "b", false: "c" })).toBe(false);
      expect(missing("IfElseEdge", { true: "b" })).toBe(true);
      expect(missing("WhileEdge", { continue: "b", exit: "c" })).toBe(false);
      expect(missing("WhileEdge", { continue: "b" })).toBe(true);
      const cases = { cases: [{ match: 1 }, { match: 2, branch_key: "two" }] };
      expect(missing("SwitchEdge", { case_1: "b", two: "c", default: "b" }, cases)).toBe(false);
      expect(missing("SwitchEdge", { case_1: "b", two: "c" }, cases)).toBe(true);
    });

    it("lets the branches of a path leave the source, with the condition in words", () => {
      const definition = decider({
        conditional_edges: [{ source: "a", path: "a.done", mapping: { true: "b", false: "END" }, default: "c" }],
      });
      expect(edgesOf(definition)).toEqual(
        expect.arrayContaining([
          "a conditional(true)-> b",
          "a conditional(false)-> END",
          "a conditional(otherwise)-> c",
        ]),
      );
      expect(buildGraph(definition).edges.find(({ label }) => label === "true")?.condition).toBe("a.done is true");
    });

    it("draws a decider once for each place that asks it", () => {
      const definition = decider({
        edge_nodes: [{ name: "d", type: "IfElseEdge" }],
        conditional_edges: [
          { source: "a", path: "d", mapping: { true: "b", false: "c" } },
          { source: "b", path: "d", mapping: { true: "c", false: "END" } },
        ],
      });
      const drawn = buildGraph(definition).nodes.filter(({ name }) => name === "d");
      expect(drawn.map(({ id }) => id)).toEqual(["d", "d#2"]);
      expect(edgesOf(definition)).toContain("d#2 conditional(true)-> c");
    });

    it("leaves out a decider that nothing asks", () => {
      expect(idsOf(decider({ edge_nodes: [{ name: "d", type: "IfElseEdge" }] }))).not.toContain("d");
    });

    it("tells what leads back", () => {
      const definition = {
        nodes: [node("measure")],
        edge_nodes: [{ name: "low", type: "WhileEdge" }],
        edges: [["START", "measure"]],
        conditional_edges: [{ source: "measure", path: "low", mapping: { continue: "measure", exit: "END" } }],
      };
      expect(edgesOf(definition)).toContain("low conditional(continue)~> measure");
      expect(edgesOf(definition).filter((edge) => edge.includes("~"))).toHaveLength(1);
    });
  });

  it("draws branches to their targets and on to the join", () => {
    const definition = {
      nodes: ["plan", "weather", "trains", "answer"].map((name) => node(name)),
      edges: [["START", "plan"]],
      parallel_branches: [{ source: "plan", targets: ["weather", "trains"], join: "answer" }],
    };
    expect(edgesOf(definition)).toEqual([
      "START normal-> plan",
      "plan parallel-> weather",
      "weather join-> answer",
      "plan parallel-> trains",
      "trains join-> answer",
      "answer normal-> END",
    ]);
  });

  describe("bodies", () => {
    it("draws the graph that is run for each item, with small markers", () => {
      const definition = {
        nodes: [
          node("each", {
            type: "ForEachNode",
            body: {
              name: "one",
              nodes: [node("x"), node("y")],
              edges: [
                ["START", "x"],
                ["x", "y"],
              ],
            },
          }),
        ],
        edges: [["START", "each"]],
      };
      const { nodes } = buildGraph(definition);
      expect(nodes.map(({ id }) => id)).toEqual(["START", "each", "each/START", "each/x", "each/y", "each/END", "END"]);
      expect(nodes[1]).toMatchObject({ body: "each", bodyName: "one" });
      expect(nodes[3]).toMatchObject({ name: "x", scope: "each", path: ["nodes", 0, "body", "nodes", 0] });
      expect(edgesOf(definition)).toContain("each/x normal-> each/y");
    });

    it("draws a single node as it is", () => {
      const definition = {
        nodes: [node("each", { body: { name: "one", type: "DelayNode" } })],
        edges: [["START", "each"]],
      };
      expect(idsOf(definition)).toEqual(["START", "each", "each/one", "END"]);
      expect(buildGraph(definition).nodes[1]?.bodyName).toBeNull();
    });

    it("strings steps together, and names those without a name", () => {
      const definition = {
        nodes: [node("prepare", { steps: [node("parsed"), { type: "DelayNode" }] })],
        edges: [["START", "prepare"]],
      };
      expect(edgesOf(definition)).toContain("prepare/parsed normal-> prepare/step 2");
    });

    it("stands an agent's tools side by side, by the names that it calls them", () => {
      const definition = {
        nodes: [
          node("agent", {
            tools: [
              { name: "find", node: node("search") },
              { name: "explain", graph: { nodes: [node("x")], edges: [["START", "x"]] } },
              { name: "greet", workflow: "welcome" },
            ],
          }),
        ],
        edges: [["START", "agent"]],
      };
      const { nodes } = buildGraph(definition);
      const tools = nodes.filter(({ scope }) => scope === "agent");
      expect(tools.map(({ id, name, label, body, workflowId }) => [id, name, label, body, workflowId])).toEqual([
        ["agent/find", "search", "find", null, null],
        ["agent/explain", "", "explain", "workflow", null],
        ["agent/greet", "", "greet", null, "welcome"],
      ]);
      expect(nodes.find(({ id }) => id === "agent/explain/x")?.path).toEqual([
        "nodes",
        0,
        "tools",
        1,
        "graph",
        "nodes",
        0,
      ]);
    });

    it("knows a workflow that is run by id", () => {
      const definition = { nodes: [node("sub", { workflow_id: "welcome" })], edges: [["START", "sub"]] };
      expect(buildGraph(definition).nodes[1]).toMatchObject({ workflowId: "welcome", body: null });
    });

    it("goes no deeper than a run does", () => {
      let body: object = node("innermost");
      for (let depth = 0; depth < 5_000; depth += 1) body = { name: "each", body };
      const { nodes } = buildGraph({ nodes: [body], edges: [["START", "each"]] });
      expect(nodes.length).toBeGreaterThan(32);
      expect(nodes.length).toBeLessThan(1_000);
    });
  });

  it.each([null, 3, "text", [], {}, { nodes: "no" }, { nodes: [] }])("draws nothing of %j", (definition) => {
    expect(buildGraph(definition)).toEqual({ nodes: [], edges: [] });
  });

  it("leaves out what it cannot read", () => {
    const definition = {
      nodes: [node("a"), 7, null, { type: "DelayNode" }],
      edges: [["START", "a"], ["a", "nowhere"], "x", [1], null],
      conditional_edges: [null, { source: "nowhere", path: "x" }, { source: "a" }],
      parallel_branches: [3, { source: "a", targets: "a" }],
    };
    expect(idsOf(definition)).toEqual(["START", "a", "nodes 4", "END"]);
  });

  it("tells two nodes of one name apart", () => {
    expect(idsOf({ nodes: [node("a"), node("a")], edges: [["START", "a"]] })).toEqual(
      expect.arrayContaining(["a", "a#2"]),
    );
  });
});
