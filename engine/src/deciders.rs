//! Edge nodes: what decides a conditional edge. They run like nodes, with a span for every evaluation.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::conditions::{Condition, Logic, equal, fold};
use crate::context::NodeContext;
use crate::definition::NodeDefinition;
use crate::error::NodeError;
use crate::node::{NodeCatalog, NodeCategory, NodeKind, NodeType};

/// The local name under which a While finds how often it has continued since it last ended.
pub(crate) const ITERATION: &str = "$iteration";

pub(crate) fn catalog() -> &'static NodeCatalog {
    static CATALOG: LazyLock<NodeCatalog> = LazyLock::new(|| {
        NodeCatalog::new([
            NodeType::of::<IfElse>(),
            NodeType::of::<Switch>(),
            NodeType::of::<While>(),
        ])
    });
    &CATALOG
}

/// The branches an edge node can take, unless they are not known before it runs.
pub(crate) fn branches(definition: &NodeDefinition) -> Option<Vec<String>> {
    let fixed = |branches: [&str; 2]| Some(branches.map(str::to_owned).to_vec());
    let kind = definition.kind.as_str();
    match kind
        .strip_suffix("Edge")
        .or_else(|| kind.strip_suffix("Node"))
        .unwrap_or(kind)
    {
        "IfElse" => fixed(["true", "false"]),
        "While" => fixed(["continue", "exit"]),
        _ => {
            let switch: SwitchParams =
                serde_json::from_value(Value::Object(definition.parameters.clone())).ok()?;
            let cases = switch
                .cases
                .iter()
                .enumerate()
                .map(|(index, case)| case.branch(index));
            Some(cases.chain([switch.default_branch_key.clone()]).collect())
        }
    }
}

/// What an edge node decided, from its output.
pub(crate) fn branch(output: &Value) -> &str {
    output
        .get("branch")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

struct IfElse;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct IfElseParams {
    /// The conditions that choose the branch.
    #[schemars(length(min = 1))]
    conditions: Vec<Condition>,
    /// Whether all of them must hold, or any.
    #[serde(default)]
    condition_logic: Logic,
}

impl NodeKind for IfElse {
    type Params = IfElseParams;

    const NAME: &'static str = "IfElseEdge";
    const ALIASES: &'static [&'static str] = &["IfElse", "IfElseNode"];
    const DESCRIPTION: &'static str = "Takes the branch `true` or `false` by conditions";
    const CATEGORY: NodeCategory = NodeCategory::Logic;

    async fn run(params: IfElseParams, _cx: &NodeContext) -> Result<Value, NodeError> {
        let results = evaluate(&params.conditions)?;
        let branch = if params.condition_logic.combine(&results) {
            "true"
        } else {
            "false"
        };
        Ok(json!({ "branch": branch, "conditions": results }))
    }
}

struct Switch;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SwitchParams {
    /// The value that is looked for in the cases.
    value: Value,
    /// Whether upper and lower case differ, where the case does not say.
    #[serde(default = "yes")]
    case_sensitive: bool,
    /// The branch when no case matches.
    #[serde(default = "default_branch")]
    default_branch_key: String,
    /// Tried in order; the first that matches is taken.
    #[schemars(length(min = 1))]
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The value that takes this branch.
    #[serde(default, rename = "match")]
    matches: Value,
    /// Shown by editors.
    #[serde(default, rename = "label")]
    _label: Option<String>,
    /// The branch's name; `case_1`, `case_2` and so on by default.
    #[serde(default)]
    branch_key: Option<String>,
    #[serde(default)]
    case_sensitive: Option<bool>,
}

fn yes() -> bool {
    true
}

fn default_branch() -> String {
    "default".to_owned()
}

impl Case {
    fn branch(&self, index: usize) -> String {
        let named = self
            .branch_key
            .as_deref()
            .map(str::trim)
            .filter(|key| !key.is_empty());
        named.map_or_else(|| format!("case_{}", index + 1), str::to_owned)
    }
}

impl NodeKind for Switch {
    type Params = SwitchParams;

    const NAME: &'static str = "SwitchEdge";
    const ALIASES: &'static [&'static str] = &["Switch", "SwitchNode"];
    const DESCRIPTION: &'static str = "Takes the branch of the first case that equals a value";
    const CATEGORY: NodeCategory = NodeCategory::Logic;

    async fn run(params: SwitchParams, _cx: &NodeContext) -> Result<Value, NodeError> {
        let matching = params.cases.iter().enumerate().find(|(_, case)| {
            let case_sensitive = case.case_sensitive.unwrap_or(params.case_sensitive);
            equal(
                &fold(&params.value, case_sensitive),
                &fold(&case.matches, case_sensitive),
            )
        });
        let branch = matching.map_or(params.default_branch_key, |(index, case)| {
            case.branch(index)
        });
        Ok(json!({ "branch": branch }))
    }
}

struct While;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WhileParams {
    /// The conditions to go on. A left operand that is absent stands for the number of iterations so far.
    #[schemars(length(min = 1))]
    conditions: Vec<Condition>,
    /// Whether all of them must hold, or any.
    #[serde(default)]
    condition_logic: Logic,
    /// Ends the loop after so many iterations.
    #[serde(default)]
    #[schemars(range(min = 1))]
    max_iterations: Option<u64>,
}

impl NodeKind for While {
    type Params = WhileParams;

    const NAME: &'static str = "WhileEdge";
    const ALIASES: &'static [&'static str] = &["While", "WhileNode"];
    const DESCRIPTION: &'static str =
        "Takes the branch `continue` while conditions hold, then `exit`";
    const CATEGORY: NodeCategory = NodeCategory::Logic;

    async fn run(mut params: WhileParams, cx: &NodeContext) -> Result<Value, NodeError> {
        // A loop node of the same name keeps the count, where there is one.
        let kept = cx
            .state()
            .result(&cx.node().name)
            .and_then(|result| result.get("iteration"));
        let iteration = kept
            .or_else(|| cx.locals().get(ITERATION))
            .and_then(Value::as_u64)
            .unwrap_or(0);
        for condition in params
            .conditions
            .iter_mut()
            .filter(|condition| condition.left.is_null())
        {
            condition.left = Value::from(iteration);
        }
        let results = evaluate(&params.conditions)?;
        let exhausted = params
            .max_iterations
            .is_some_and(|limit| iteration >= limit);
        let goes_on = params.condition_logic.combine(&results) && !exhausted;
        let branch = if goes_on { "continue" } else { "exit" };
        Ok(json!({ "branch": branch, "conditions": results, "iteration": iteration }))
    }
}

fn evaluate(conditions: &[Condition]) -> Result<Vec<bool>, NodeError> {
    conditions.iter().map(Condition::holds).collect()
}
