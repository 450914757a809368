//! Runs a workflow: the root span around it, and its nodes in supersteps.

use std::collections::HashMap;
use std::sync::Arc;

use futures::stream::{FuturesUnordered, StreamExt};
use indexmap::IndexSet;
use opentelemetry::KeyValue;
use serde_json::{Map, Value};

use crate::attributes as key;
use crate::context::{NodeContext, Tokens};
use crate::deciders;
use crate::definition::NodeDefinition;
use crate::engine::{EngineCore, Lane, Run, RunError, RunOutcome, RunScope, RunStatus};
use crate::error::{NodeError, codes};
use crate::graph::{Conditional, Decision, Exits, Node, Target};
use crate::spans::{End, OpenSpan, SpanSpec, Subject};
use crate::state::State;
use crate::step::{self, Place, StepId, StepResult};
use crate::template::{self, Scope};
use crate::workflow::Workflow;

/// Why a graph did not come to its end, and the node where it did not.
struct Failure {
    error: NodeError,
    node: Option<String>,
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        Self { error, node: None }
    }
}

/// Runs a workflow as a trace of its own.
pub(crate) async fn run(engine: Arc<EngineCore>, run: Run) -> RunOutcome {
    let inputs = run.workflow.inputs_with(run.inputs);
    let mut spec = workflow_span(
        key::WORKFLOW_SPAN,
        &run.workflow,
        run.workflow_version,
        &inputs,
    )
    .attribute(KeyValue::new(
        key::EXECUTION_ID,
        run.execution_id.to_string(),
    ))
    .links(run.links);
    if let Some(thread_id) = run.thread_id {
        spec = spec.attribute(KeyValue::new(key::EXECUTION_THREAD_ID, thread_id));
    }
    let root = {
        // Identifiers of a new trace are chosen by what is current.
        let _current = run.parent.clone().attach();
        OpenSpan::start(&engine.tracer, spec, Subject::Workflow, &run.parent)
    };
    let root_span_id = root.span_id();
    let tokens = Arc::new(Tokens::default());
    let (outcome, scope) = match Lane::open(run.journal, engine.limits.max_unacknowledged).await {
        Err(error) => (Err(Failure::from(error)), None),
        Ok(journal) => {
            let max_concurrency = run
                .max_concurrency
                .unwrap_or(engine.limits.max_concurrency)
                .max(1);
            let scope = Arc::new(RunScope {
                engine,
                journal,
                artifacts: run.artifacts,
                workflows: run.workflows,
                credentials: run.credentials,
                max_concurrency,
                config: Arc::new(run.config),
            });
            let place = Place {
                state: Arc::new(State {
                    inputs: Arc::new(inputs),
                    config: Arc::clone(&scope.config),
                    ..State::default()
                }),
                run: Arc::clone(&scope),
                locals: Arc::default(),
                path: String::new(),
                otel: root.context().clone(),
                tokens: Arc::clone(&tokens),
                depth: 0,
                cancel: run.cancel,
                durable: true,
            };
            (GraphRun::new(&run.workflow, place).run().await, Some(scope))
        }
    };
    end_workflow(root, &tokens, &outcome);
    let drained = match scope {
        Some(scope) => scope.journal.drain().await.map_err(Failure::from),
        None => Ok(()),
    };
    let (status, outputs, error) = match drained.and(outcome) {
        Ok(outputs) => (RunStatus::Succeeded, outputs, None),
        Err(Failure { error, .. }) if error.is_cancelled() => {
            (RunStatus::Cancelled, Value::Null, None)
        }
        Err(Failure { error, node }) => {
            let error = RunError {
                code: error.code.into_owned(),
                message: error.message,
                node_id: node,
            };
            (RunStatus::Failed, Value::Null, Some(error))
        }
    };
    RunOutcome {
        status,
        outputs,
        error,
        root_span_id,
    }
}

/// Runs a workflow below a node.
pub(crate) async fn run_nested(
    cx: &NodeContext,
    workflow: Arc<Workflow>,
    inputs: Map<String, Value>,
    durable: bool,
) -> Result<Value, NodeError> {
    let mut place = step::place_below(cx, durable, Map::new())?;
    let inputs = workflow.inputs_with(Value::Object(inputs));
    let name = format!("invoke_workflow {}", workflow.name);
    let spec = workflow_span(name, &workflow, None, &inputs);
    let span = OpenSpan::start(&cx.run.engine.tracer, spec, Subject::Workflow, &place.otel);
    let tokens = Tokens::below(&place.tokens);
    place.state = Arc::new(State {
        inputs: Arc::new(inputs),
        config: Arc::clone(&cx.run.config),
        ..State::default()
    });
    place.otel = span.context().clone();
    place.tokens = Arc::clone(&tokens);
    // Boxed: a workflow may run itself.
    let outcome = Box::pin(GraphRun::new(&workflow, place).run()).await;
    end_workflow(span, &tokens, &outcome);
    outcome.map_err(|Failure { mut error, node }| {
        if let (Some(node), false) = (node, error.is_cancelled()) {
            error.message = format!(
                "node `{node}` of workflow `{}`: {}",
                workflow.id, error.message
            );
        }
        error
    })
}

fn workflow_span(
    name: impl Into<std::borrow::Cow<'static, str>>,
    workflow: &Workflow,
    version: Option<i32>,
    inputs: &Value,
) -> SpanSpec {
    SpanSpec::new(name)
        .attributes([
            KeyValue::new(key::WORKFLOW_ID, workflow.id.clone()),
            KeyValue::new(key::WORKFLOW_NAME, workflow.name.clone()),
            KeyValue::new(key::EXECUTION_INPUTS, inputs.to_string()),
        ])
        .attributes(version.map(|version| KeyValue::new(key::WORKFLOW_VERSION, i64::from(version))))
}

fn end_workflow(span: OpenSpan, tokens: &Tokens, outcome: &Result<Value, Failure>) {
    tokens
        .attributes()
        .into_iter()
        .for_each(|attribute| span.set(attribute));
    match outcome {
        Ok(outputs) => {
            span.set(KeyValue::new(key::EXECUTION_OUTPUTS, outputs.to_string()));
            span.end(End::Succeeded);
        }
        Err(Failure { error, .. }) if error.is_cancelled() => span.end(End::Cancelled),
        Err(Failure { error, node: None }) => span.end(End::Failed(error)),
        Err(Failure {
            error,
            node: Some(node),
        }) => {
            let message = format!("node `{node}` failed: {}", error.message);
            span.end(End::FailedBelow(&NodeError {
                message,
                ..error.clone()
            }));
        }
    }
}

/// One workflow on its way.
struct GraphRun<'w> {
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
    fn new(workflow: &'w Workflow, place: Place) -> Self {
        Self {
            workflow,
            place,
            visits: HashMap::new(),
            iterations: HashMap::new(),
            last: IndexSet::new(),
        }
    }

    async fn run(mut self) -> Result<Value, Failure> {
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
        for (node, StepResult { output, messages }) in finished {
            state
                .results
                .insert(self.workflow.nodes[node].name.clone(), output);
            state.messages.extend(messages);
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
