//! What is wrong with a document is told at once, each with its place.

mod support;

use orcheo_engine::{Problems, Workflow};
use serde_json::json;

use support::kinds;

fn parse(document: &str) -> Result<Workflow, Problems> {
    Workflow::parse_with(document, "test", &kinds::catalog())
}

/// The problems as text, one a line.
fn problems(document: &str) -> String {
    parse(document)
        .err()
        .map(|problems| problems.to_string())
        .unwrap_or_default()
}

#[track_caller]
fn assert_problems(document: &str, expected: &[&str]) {
    assert_eq!(problems(document), expected.join("\n"));
}

#[test]
fn every_problem_is_told_at_once_with_its_place() {
    assert_problems(
        "\
name: [not, text]
colour: blue
recursion_limit: 0
nodes:
  - {name: a, type: SetVariableNod}
  - {name: b, type: Flaky, count: many, cuont: 1}
  - {name: b, type: Echo}
  - {name: c, type: Flaky}
  - just text
edges:
  - [START, a]
  - [a, nowhere]
  - [a]
  - [END, a]
  - {source: b, target: START}
inputs: []
",
        &[
            "1:7: name: must be text, not a list",
            "2:1: colour: there is no key `colour` in a workflow",
            "3:18: recursion_limit: must be a whole number from 1 to 1000000",
            "5:21: nodes[0].type: there is no node type `SetVariableNod` (did you mean `SetVariableNode`?)",
            "6:35: nodes[1].count: must be a whole number, not text",
            "6:41: nodes[1].cuont: there is no parameter `cuont` (did you mean `count`?)",
            "7:12: nodes[2].name: there is another node `b`",
            "8:5: nodes[3]: lacks `count`",
            "9:5: nodes[4]: must be an object, not text",
            "12:9: edges[1][1]: there is no node `nowhere`",
            "13:5: edges[2]: an edge has two ends, not 1",
            "14:6: edges[3][0]: nothing follows END",
            "15:25: edges[4].target: nothing leads to START",
            "16:9: inputs: must be an object, not a list",
        ],
    );
}

#[test]
fn places_in_json_count_characters() {
    assert_problems(
        "{\"name\": \"\u{e9}\u{1f600}\", \"nodse\": [],\n\t\"nodes\": [{\"name\": \"a\", \"type\": \"Flaky\", \"count\": \"\\ud83d\\ude00\"}],\n  \"edges\": [[\"START\", \"b\"]]}",
        &[
            "1:16: nodse: there is no key `nodse` in a workflow (did you mean `nodes`?)",
            "2:52: nodes[0].count: must be a whole number, not text",
            "3:23: edges[0][1]: there is no node `b`",
        ],
    );
}

#[test]
fn json_escapes_tabs_and_tight_colons_are_json() {
    let workflow = parse(
        "{\n\t\"id\":\"w\",\"nodes\":[{\"name\":\"a\",\"type\":\"Echo\",\"value\":\"\\ud83d\\ude00\\u00e9\\/\\t\"}],\"edges\":[[\"START\",\"a\"]]}",
    )
    .unwrap();
    assert_eq!(
        workflow.definition["nodes"][0]["value"],
        "\u{1f600}\u{e9}/\t"
    );
}

#[test]
fn the_flow_style_of_yaml_is_taken_too() {
    let workflow = parse("{id: w, nodes: [{name: a, type: Echo}], edges: [[START, a]]}").unwrap();
    assert_eq!(
        workflow.definition,
        json!({ "id": "w", "nodes": [{ "name": "a", "type": "Echo" }], "edges": [["START", "a"]] })
    );
}

#[test]
fn yaml_values_have_the_types_of_yaml_1_2() {
    let workflow = parse(
        "
nodes:
  - name: a
    type: Echo
    value: {no: no, int: 0x1f, float: 1e3, null: ~, text: '1', block: |
      two
      lines
    , alias: &x [1], again: *x}
edges: [[START, a]]
"
        .replace("block: |\n      two\n      lines\n    , ", "")
        .as_str(),
    )
    .unwrap();
    assert_eq!(
        workflow.definition["nodes"][0]["value"],
        json!({ "no": "no", "int": 31, "float": 1000.0, "null": null, "text": "1", "alias": [1], "again": [1] })
    );
}

#[test]
fn text_that_is_neither_yaml_nor_json_is_refused_at_its_place() {
    assert_problems(
        "{\"nodes\": [}",
        &["1:12: this is not JSON: expected value"],
    );
    assert_problems("", &["1:1: the document is empty"]);
    assert_problems("# only a comment", &["1:1: the document is empty"]);
    assert_problems("just text", &["1:1: a workflow is an object, not text"]);
    assert_problems(
        "a: 1\n---\nb: 2",
        &["2:1: a file holds one workflow, this begins another document"],
    );
    assert!(
        problems("a: [1, 2\nb: }").starts_with("2:"),
        "{}",
        problems("a: [1, 2\nb: }")
    );
}

#[test]
fn a_key_given_twice_is_refused() {
    let yaml = problems("nodes: []\nedges: []\nnodes: []");
    assert!(yaml.contains("3:1: `nodes` is given twice"), "{yaml}");
    let json = problems("{\"nodes\": [],\n \"nodes\": []}");
    assert!(
        json.starts_with("2:") && json.ends_with("`nodes` is given twice"),
        "{json}"
    );
}

#[test]
fn a_cycle_needs_a_condition() {
    let nodes = "nodes: [{name: a, type: Echo}, {name: b, type: Echo}, {name: c, type: Echo}]\n";
    assert_problems(
        &format!("{nodes}edges: [[START, a], [a, b], [b, a], [c, c]]"),
        &[
            "2:21: edges[1]: `a`, `b` lead to each other without a condition",
            "2:37: edges[3]: `c` leads to itself without a condition",
        ],
    );
    let through_a_condition = format!(
        "{nodes}edges: [[START, a], [a, b]]\nconditional_edges: [{{source: b, path: results.b, mapping: {{again: a}}, default: END}}]"
    );
    assert_problems(&through_a_condition, &[]);
}

#[test]
fn conditional_edges_name_an_edge_node_and_its_branches() {
    assert_problems(
        "
nodes: [{name: a, type: Echo}, {name: c, type: IfElse, conditions: [{}]}]
edge_nodes:
  - {name: check, type: IfElseNode, conditions: [{left: '{{a}}', operator: greater_then, right: 1}]}
  - {name: pick, type: Switch, value: '{{a}}', cases: [{match: x}, {match: y, branch_key: why}]}
  - {name: loop, type: WhileEdge, conditions: []}
edges: [[START, a]]
conditional_edges:
  - {source: a, path: check, mapping: {'true': a, maybe: END}}
  - {source: a, path: pick, mapping: {case_1: a, why: END, default: END, case_2: END}}
  - {source: a, path: chekc, mapping: {'true': a}}
  - {source: a, path: results.a.value, mapping: {}}
  - {path: results.a.value, mapping: {x: b}}
",
        &[
            "2:48: nodes[1].type: `IfElse` decides a conditional edge: it belongs into `edge_nodes`",
            "4:76: edge_nodes[0].conditions[0].operator: must be one of `equals`, `not_equals`, `greater_than`, `greater_than_or_equal`, `less_than`, `less_than_or_equal`, `contains`, `not_contains`, `in`, `not_in`, `is_truthy`, `is_falsy` (did you mean `greater_than`?)",
            "6:47: edge_nodes[2].conditions: must not be empty",
            "10:74: conditional_edges[1].mapping.case_2: `pick` has no branch `case_2`: it has `case_1`, `why`, `default`",
            "11:23: conditional_edges[2].path: there is no edge node `chekc` (did you mean `check`?)",
            "12:49: conditional_edges[3].mapping: must be an object from branches to nodes, with at least one entry",
            "13:5: conditional_edges[4]: lacks `source`",
            "13:42: conditional_edges[4].mapping.x: there is no node `b`",
        ],
    );
}

#[test]
fn parallel_branches_need_targets_other_than_the_join() {
    assert_problems(
        "
nodes: [{name: a, type: Echo}, {name: b, type: Echo}]
edges: [[START, a]]
parallel_branches:
  - {source: a, targets: [], join: b}
  - {source: a, targets: [b, b]}
  - {source: a, targets: [b], join: b}
  - {source: a, targets: [END], join: b, jion: b}
",
        &[
            "5:26: parallel_branches[0].targets: must be a list of at least one node",
            "6:30: parallel_branches[1].targets[1]: \"b\" is a target already",
            "7:27: parallel_branches[2].targets[0]: a branch must be a node other than the join",
            "8:27: parallel_branches[3].targets[0]: a branch must be a node other than the join",
            "8:42: parallel_branches[3].jion: there is no key `jion` here (did you mean `join`?)",
        ],
    );
}

#[test]
fn something_must_start() {
    assert_problems(
        "nodes: [{name: a, type: Echo}]\nedges: [[a, END]]",
        &["2:8: edges: nothing starts: there is no edge from START"],
    );
    assert_problems(
        "nodes: []",
        &["1:8: nodes: a workflow needs at least one node"],
    );
}

#[test]
fn a_template_or_credential_stands_for_any_value() {
    assert_problems(
        "
nodes:
  - {name: a, type: Flaky, count: '{{inputs.count}}'}
  - {name: b, type: Each, items: '[[list]]', body: {name: c, type: Flaky, count: '{{item}}'}}
edges: [[START, a], [a, b]]
",
        &[],
    );
}

#[test]
fn a_node_inside_of_a_node_is_checked_like_any_other() {
    assert_problems(
        "
nodes:
  - {name: b, type: Each, items: [1], body: {name: c, type: Flaki, retry: {max_attempts: 0}}}
edges: [[START, b]]
",
        &[
            "3:61: nodes[0].body.type: there is no node type `Flaki` (did you mean `Flaky`?)",
            "3:90: nodes[0].body.retry.max_attempts: must be at least 1",
        ],
    );
}

#[test]
fn a_graph_inside_of_a_node_is_checked_in_its_place() {
    assert_problems(
        "
nodes:
  - name: b
    type: ForEachNode
    items: '{{inputs.items}}'
    body:
      nodes: [{name: a, type: Flaki}, {name: a, type: Echo}]
      edges: [[START, a], [a, c]]
edges: [[START, b]]
",
        &[
            "7:31: nodes[0].body.nodes[0].type: there is no node type `Flaki` (did you mean `Flaky`?)",
            "7:46: nodes[0].body.nodes[1].name: there is another node `a`",
            "8:31: nodes[0].body.edges[1][1]: there is no node `c`",
        ],
    );
}

#[test]
fn what_all_nodes_share_is_checked() {
    assert_problems(
        "
nodes:
  - {name: '', type: Echo, timeout: 0}
  - {name: a, type: Echo, timeout: '{{inputs.t}}', retry: {max_attempts: 2, backof: 1}, display_name: 7}
  - {name: END, type: Echo}
  - {type: Echo}
edges: [[START, a]]
",
        &[
            "3:12: nodes[0].name: must not be empty",
            "3:37: nodes[0].timeout: must be at least 0.001",
            "4:36: nodes[1].timeout: must be a number, not text",
            "4:77: nodes[1].retry.backof: there is no parameter `backof` (did you mean `backoff`?)",
            "4:103: nodes[1].display_name: must be text, not a number",
            "5:12: nodes[2].name: `END` is the name of a marker",
            "6:5: nodes[3]: lacks `name`",
        ],
    );
}

#[test]
fn the_id_comes_from_the_document_else_from_the_file() {
    let document = "nodes: [{name: a, type: Echo}]\nedges: [[START, a]]";
    let catalog = kinds::catalog();
    assert_eq!(
        Workflow::parse_with(document, "stem", &catalog).unwrap().id,
        "stem"
    );
    assert_eq!(
        Workflow::parse_with(&format!("id: own\n{document}"), "stem", &catalog)
            .unwrap()
            .id,
        "own"
    );
    let missing = Workflow::parse_with(document, "", &catalog).unwrap_err();
    assert_eq!(missing.to_string(), "1:1: lacks an `id`");
    assert_eq!(
        problems(&format!("id: a/b\n{document}")),
        "1:5: id: an id is 1 to 200 characters without spaces, `/`, `?` or `#`"
    );
}

#[test]
fn a_value_gets_places_in_its_own_text() {
    let problems = Workflow::from_value(
        &json!({ "edges": [], "nodes": [{ "name": "a", "type": "Nope" }] }),
        "w",
    )
    .unwrap_err();
    assert_eq!(problems.0[1].path, "nodes[0].type");
    assert_eq!(problems.0[1].line, 6);
}

#[test]
fn hostile_documents_are_refused_without_harm() {
    let deep_json = format!(
        "{{\"nodes\": {}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(
        problems(&deep_json).contains("of each other"),
        "{}",
        problems(&deep_json)
    );
    let deep_flow = format!("nodes: {}", "[".repeat(100_000));
    assert!(!problems(&deep_flow).is_empty());
    let deep_block: String = (0..5_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth % 200)))
        .collect();
    assert!(!problems(&deep_block).is_empty());
    let nested: String = (0..200)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    assert!(
        problems(&nested).contains("more than 100 values inside of each other"),
        "{}",
        problems(&nested)
    );

    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..40 {
        let below = level - 1;
        let aliases = vec![format!("*a{below}"); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert!(
        problems(&bomb).contains("more than 500000 values"),
        "{}",
        problems(&bomb)
    );
    assert!(
        problems("a: &a [*a]").contains("inside of what it names"),
        "{}",
        problems("a: &a [*a]")
    );
    assert!(problems(&"x".repeat(9 << 20)).contains("longer than 8 MiB"));
    assert!(!problems("? [a, b]\n: c").is_empty());
    assert!(!problems("a: .nan").is_empty());
}

#[test]
fn a_large_document_is_read() {
    const NODES: usize = 30_000;
    let nodes: String = (0..NODES)
        .map(|n| format!("  - {{name: n{n}, type: Echo, value: {n}}}\n"))
        .collect();
    let edges: String = (1..NODES)
        .map(|n| format!("  - [n{}, n{n}]\n", n - 1))
        .collect();
    let document = format!("nodes:\n{nodes}edges:\n  - [START, n0]\n{edges}");
    let workflow = parse(&document).unwrap();
    assert_eq!(workflow.nodes().count(), NODES);
    let same = parse(&workflow.definition.to_string()).unwrap();
    assert_eq!(same.definition, workflow.definition);
}

#[test]
fn many_problems_are_cut_to_what_a_person_can_read() {
    let nodes: String = (0..1_000)
        .map(|n| format!("  - {{name: n{n}, type: Nope}}\n"))
        .collect();
    let problems = parse(&format!("nodes:\n{nodes}")).unwrap_err();
    assert_eq!(problems.0.len(), 200);
}
