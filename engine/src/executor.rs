//! Takes a workflow's graph to its end in supersteps.

use std::collections::HashMap;
use std::sync::Arc;

use futures::stream::{FuturesUnordered, StreamExt};
use indexmap::IndexSet;
use serde_json::Value;

use crate::deciders;
use crate::definition::NodeDefinition;
use crate::error::{NodeError, codes};
use crate::graph::{Conditional, Decision, Exits, Node, Target};
use crate::step::{self, Place, StepId, StepResult};
use crate::template::{self, Scope};
use crate::workflow::Workflow;

/// Why a graph did not come to its end, and the node where it did not.
pub(crate) struct Failure {
    pub(crate) error: NodeError,
    pub(crate) node: Option<String>,
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        Self { error, node: None }
    }
}

/// One workflow on its way.
pub(crate) struct GraphRun<'w> {
    workflow: &'w Workflow,
    place: Place,
    /// How often each node, and each edge node, has run.
    visits: HashMap<String, u32>,
    /// How often each While has continued since it last ended.
    iterations: HashMap<String, u64>,
    /// The nodes after which nothing followed, so far.
    last: IndexSet<Node>,
}

impl<'w> GraphRun<'w> {
    pub(crate) fn new(workflow: &'w Workflow, place: Place) -> Self {
        Self {
            workflow,
            place,
            visits: HashMap::new(),
            iterations: HashMap::new(),
            last: IndexSet::new(),
        }
    }

    pub(crate) async fn run(mut self) -> Result<Value, Failure> {
        let graph = &self.workflow.graph;
        let mut due = self.follow(&graph.start).await?.0;
        let mut steps = 0;
        while !due.is_empty() {
            let step = graph.next_step(&mut due);
            if self.place.cancel.is_cancelled() {
                for node in step {
                    let iteration = self.visit(node);
                    self.skip(node, iteration);
                }
                return Err(NodeError::cancelled().into());
            }
            if steps == self.workflow.recursion_limit {
                return Err(recursion_limit(steps).into());
            }
            steps += 1;
            self.run_step(&step).await?;
            for node in step {
                let (next, ended) = self.follow(&graph.exits[node]).await?;
                if next.is_empty() && ended {
                    self.last.insert(node);
                } else {
                    self.last.shift_remove(&node);
                }
                due.extend(next);
            }
        }
        Ok(self.outputs())
    }

    fn outputs(&self) -> Value {
        let nodes = self
            .last
            .iter()
            .map(|node| &self.workflow.nodes[*node].name);
        let output = |name: &String| Some((name.clone(), self.place.state.result(name)?.clone()));
        Value::Object(nodes.filter_map(output).collect())
    }

    /// Runs the nodes of one step together, and takes their results into the state in the order of the step.
    async fn run_step(&mut self, step: &[Node]) -> Result<(), Failure> {
        let visits: Vec<(Node, u32)> = step.iter().map(|node| (*node, self.visit(*node))).collect();
        let results = match visits.as_slice() {
            [(node, iteration)] => vec![self.run_node(&self.place, *node, *iteration).await],
            several => self.run_together(several).await,
        };
        // Of several failures the first real one counts: the others were cancelled because of it.
        let mut failed: Option<Failure> = None;
        let mut finished = Vec::with_capacity(results.len());
        for ((node, _), result) in visits.iter().zip(results) {
            match result {
                Ok(result) => finished.push((*node, result)),
                Err(error) => {
                    let known = failed
                        .as_ref()
                        .is_some_and(|failed| !failed.error.is_cancelled());
                    if !known {
                        failed = Some(Failure {
                            error,
                            node: Some(self.name(*node).to_owned()),
                        });
                    }
                }
            }
        }
        if let Some(failure) = failed {
            return Err(failure);
        }
        let state = Arc::make_mut(&mut self.place.state);
        for (node, result) in finished {
            state.results.extend(result.results);
            state
                .results
                .insert(self.workflow.nodes[node].name.clone(), result.output);
            state.messages.extend(result.messages);
        }
        Ok(())
    }

    /// As many at a time as the run allows. When one fails, the others are cancelled.
    async fn run_together(&self, visits: &[(Node, u32)]) -> Vec<Result<StepResult, NodeError>> {
        let cancel = self.place.cancel.child_token();
        let place = Place {
            cancel: cancel.clone(),
            ..self.place.clone()
        };
        let mut results: Vec<Option<Result<StepResult, NodeError>>> =
            visits.iter().map(|_| None).collect();
        let mut waiting = visits.iter().enumerate();
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < self.place.run.max_concurrency
                && let Some((index, (node, iteration))) = waiting.next()
            {
                if cancel.is_cancelled() {
                    self.skip(*node, *iteration);
                    results[index] = Some(Err(NodeError::cancelled()));
                    continue;
                }
                let place = &place;
                running.push(async move { (index, self.run_node(place, *node, *iteration).await) });
            }
            let Some((index, result)) = running.next().await else {
                break;
            };
            if result.is_err() {
                cancel.cancel();
            }
            results[index] = Some(result);
        }
        results
            .into_iter()
            .map(|result| result.unwrap_or_else(|| Err(NodeError::cancelled())))
            .collect()
    }

    async fn run_node(
        &self,
        place: &Place,
        node: Node,
        iteration: u32,
    ) -> Result<StepResult, NodeError> {
        let definition = &self.workflow.nodes[node];
        let node_type = step::node_type(&place.run, definition)?;
        let path = format!("{}{}", place.path, definition.name);
        step::run(place, node_type, definition, StepId { path, iteration }).await
    }

    /// Shows a node that was due when the run was cancelled.
    fn skip(&self, node: Node, iteration: u32) {
        let definition = &self.workflow.nodes[node];
        step::skip(&self.place, definition, iteration);
    }

    /// What follows from a set of exits, and whether one of them led to the end.
    async fn follow(&mut self, exits: &'w Exits) -> Result<(IndexSet<Node>, bool), Failure> {
        let mut next = IndexSet::new();
        let mut ended = exits.edges.is_empty() && exits.conditionals.is_empty();
        let mut lead = |target: Target| match target {
            Target::Node(node) => _ = next.insert(node),
            Target::End => ended = true,
        };
        exits.edges.iter().for_each(|target| lead(*target));
        for conditional in &exits.conditionals {
            lead(self.decide(conditional).await?);
        }
        Ok((next, ended))
    }

    async fn decide(&mut self, conditional: &'w Conditional) -> Result<Target, Failure> {
        let branch = match &conditional.decision {
            Decision::EdgeNode(name) => self.run_edge_node(name).await?,
            Decision::Path(path) => {
                let scope = Scope {
                    state: &self.place.state,
                    locals: &self.place.locals,
                };
                branch_of(template::find(path, scope).ok().as_deref())
            }
        };
        Ok(conditional.target(&branch))
    }

    async fn run_edge_node(&mut self, name: &str) -> Result<String, Failure> {
        let fail = |error| Failure {
            error,
            node: Some(name.to_owned()),
        };
        let definition: &NodeDefinition = &self.workflow.edge_nodes[name];
        let node_type = deciders::catalog().get(&definition.kind).ok_or_else(|| {
            fail(NodeError::invalid_parameters(format!(
                "there is no edge type `{}`",
                definition.kind
            )))
        })?;
        // Apart from the nodes, which may have the same name.
        let path = format!("edge:{name}");
        let iteration = self.count(&path);
        let iterations = self.iterations.get(name).copied().unwrap_or(0);
        let mut place = self.place.clone();
        Arc::make_mut(&mut place.locals).insert(deciders::ITERATION.to_owned(), iterations.into());
        let step = StepId {
            path: format!("{}{path}", place.path),
            iteration,
        };
        let result = step::run(&place, node_type, definition, step)
            .await
            .map_err(fail)?;
        let branch = deciders::branch(&result.output).to_owned();
        let iterations = if branch == "continue" {
            iterations + 1
        } else {
            0
        };
        self.iterations.insert(name.to_owned(), iterations);
        Ok(branch)
    }

    fn visit(&mut self, node: Node) -> u32 {
        let workflow = self.workflow;
        self.count(&workflow.nodes[node].name)
    }

    fn count(&mut self, name: &str) -> u32 {
        let visits = self.visits.entry(name.to_owned()).or_default();
        *visits += 1;
        *visits
    }

    fn name(&self, node: Node) -> &str {
        &self.workflow.nodes[node].name
    }
}

/// The branch that a value of the state stands for.
fn branch_of(value: Option<&Value>) -> String {
    match value {
        None => "null".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn recursion_limit(steps: u32) -> NodeError {
    let message = format!(
        "not finished after {steps} steps in sequence: a loop without an end, or a workflow that needs a higher `recursion_limit`"
    );
    NodeError::new(codes::RECURSION_LIMIT, message)
}
