//! Reads edges, conditional edges and parallel branches into a graph.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::Reader;
use super::nodes::{END, Named, START};
use crate::deciders;
use crate::document::DocPath;
use crate::graph::{Conditional, Decision, Exits, Graph, Node, Target};
use crate::schema::name_of;
use crate::suggest::suggestion;

/// Values of the state that a conditional edge's path may begin with.
const STATE: &[&str] = &["inputs", "results", "messages", "config"];

/// Where an edge begins.
#[derive(Clone, Copy)]
enum Source {
    Start,
    Node(Node),
}

/// The exits found so far.
struct Shape<'n> {
    nodes: &'n Named,
    start: Exits,
    exits: Vec<Exits>,
    joins: Vec<Node>,
    /// Where each edge was found, to point at one of a cycle.
    places: Vec<(Node, DocPath)>,
}

impl Shape<'_> {
    fn exits(&mut self, source: Source) -> &mut Exits {
        match source {
            Source::Start => &mut self.start,
            Source::Node(node) => &mut self.exits[node],
        }
    }

    fn connect(&mut self, source: Source, target: Target, path: &DocPath) {
        self.exits(source).edges.insert(target);
        if let Source::Node(node) = source {
            self.places.push((node, path.clone()));
        }
    }
}

impl Reader<'_> {
    pub(super) fn graph(
        &mut self,
        top: &Map<String, Value>,
        nodes: &Named,
        edge_nodes: &Named,
    ) -> Graph {
        let mut shape = Shape {
            nodes,
            start: Exits::default(),
            exits: vec![Exits::default(); nodes.len()],
            joins: Vec::new(),
            places: Vec::new(),
        };
        let before = self.problems.len();
        for (path, edge) in self.list(top, "edges") {
            self.edge(&mut shape, &path, edge);
        }
        for (path, value) in self.list(top, "parallel_branches") {
            if let Some(branches) = self.entry(&path, value) {
                self.parallel(&mut shape, &path, branches);
            }
        }
        for (path, value) in self.list(top, "conditional_edges") {
            if let Some(edge) = self.entry(&path, value) {
                self.conditional(&mut shape, &path, edge, edge_nodes);
            }
        }
        if shape.start == Exits::default() && self.problems.len() == before && !nodes.is_empty() {
            let path = self.base.key("edges");
            self.problem(&path, "nothing starts: there is no edge from START");
        }
        let graph = Graph::new(shape.start, shape.exits, shape.joins);
        for cycle in graph.endless_cycles() {
            let names: Vec<String> = cycle
                .iter()
                .filter_map(|node| nodes.get_index(*node))
                .map(|(name, _)| format!("`{name}`"))
                .collect();
            let message = match names.as_slice() {
                [alone] => format!("{alone} leads to itself without a condition"),
                several => format!(
                    "{} lead to each other without a condition",
                    several.join(", ")
                ),
            };
            let place = shape
                .places
                .iter()
                .find(|(node, _)| cycle.contains(node))
                .map(|(_, path)| path.clone());
            self.problem(&place.unwrap_or_default(), message);
        }
        graph
    }

    fn edge(&mut self, shape: &mut Shape<'_>, path: &DocPath, edge: &Value) {
        let (source, target) = match edge {
            Value::Array(ends) => match ends.as_slice() {
                [source, target] => ((path.index(0), source), (path.index(1), target)),
                _ => {
                    return self.problem(path, format!("an edge has two ends, not {}", ends.len()));
                }
            },
            Value::Object(ends) => {
                self.known_keys(path, ends, &["source", "target"]);
                let (Some(source), Some(target)) = (ends.get("source"), ends.get("target")) else {
                    return self.problem(path, "an edge needs a `source` and a `target`");
                };
                ((path.key("source"), source), (path.key("target"), target))
            }
            other => {
                return self.problem(
                    path,
                    format!("an edge is [source, target], not {}", name_of(other)),
                );
            }
        };
        let source = self.source(shape.nodes, &source.0, source.1);
        let target = self.target(shape.nodes, &target.0, target.1);
        if let (Some(source), Some(target)) = (source, target) {
            shape.connect(source, target, path);
        }
    }

    fn parallel(&mut self, shape: &mut Shape<'_>, path: &DocPath, branches: &Map<String, Value>) {
        self.known_keys(path, branches, &["source", "targets", "join"]);
        let source = self
            .required(path, branches, "source")
            .and_then(|(path, value)| self.source(shape.nodes, &path, value));
        let join = match branches.get("join") {
            None | Some(Value::Null) => None,
            Some(value) => self.target(shape.nodes, &path.key("join"), value),
        };
        let Some((path, value)) = self.required(path, branches, "targets") else {
            return;
        };
        let Some(values) = value.as_array().filter(|values| !values.is_empty()) else {
            return self.problem(&path, "must be a list of at least one node");
        };
        for (index, value) in values.iter().enumerate() {
            let path = path.index(index);
            let Some(target) = self.target(shape.nodes, &path, value) else {
                continue;
            };
            if values[..index].contains(value) {
                self.problem(&path, format!("{value} is a target already"));
            }
            if let Some(source) = source {
                shape.connect(source, target, &path);
            }
            match (target, join) {
                (Target::Node(node), Some(join)) if target != join => {
                    shape.connect(Source::Node(node), join, &path);
                }
                (_, Some(_)) => self.problem(&path, "a branch must be a node other than the join"),
                (_, None) => {}
            }
        }
        if let Some(Target::Node(join)) = join {
            shape.joins.push(join);
        }
    }

    fn conditional(
        &mut self,
        shape: &mut Shape<'_>,
        path: &DocPath,
        edge: &Map<String, Value>,
        edge_nodes: &Named,
    ) {
        self.known_keys(path, edge, &["source", "path", "mapping", "default"]);
        let source = self
            .required(path, edge, "source")
            .and_then(|(path, value)| self.source(shape.nodes, &path, value));
        let default = match edge.get("default") {
            None | Some(Value::Null) => None,
            Some(value) => self.target(shape.nodes, &path.key("default"), value),
        };
        let mapping = self.mapping(shape, path, edge);
        let decision = self.decision(shape, path, edge, edge_nodes, &mapping);
        if let (Some(source), Some(decision)) = (source, decision) {
            shape.exits(source).conditionals.push(Conditional {
                decision,
                mapping,
                default,
            });
        }
    }

    fn mapping(
        &mut self,
        shape: &Shape<'_>,
        path: &DocPath,
        edge: &Map<String, Value>,
    ) -> IndexMap<String, Target> {
        let Some((path, value)) = self.required(path, edge, "mapping") else {
            return IndexMap::new();
        };
        let Some(entries) = value.as_object().filter(|entries| !entries.is_empty()) else {
            self.problem(
                &path,
                "must be an object from branches to nodes, with at least one entry",
            );
            return IndexMap::new();
        };
        entries
            .iter()
            .filter_map(|(branch, value)| {
                Some((
                    branch.clone(),
                    self.target(shape.nodes, &path.key(branch), value)?,
                ))
            })
            .collect()
    }

    fn decision(
        &mut self,
        shape: &Shape<'_>,
        path: &DocPath,
        edge: &Map<String, Value>,
        edge_nodes: &Named,
        mapping: &IndexMap<String, Target>,
    ) -> Option<Decision> {
        let (decider_path, value) = self.required(path, edge, "path")?;
        let Some(name) = value.as_str().filter(|name| !name.is_empty()) else {
            self.problem(
                &decider_path,
                "must be the name of an edge node, or a dotted path in the state",
            );
            return None;
        };
        if let Some(decider) = edge_nodes.get(name) {
            let branches = decider
                .as_ref()
                .and_then(deciders::branches)
                .unwrap_or_default();
            for branch in mapping
                .keys()
                .filter(|branch| !branches.is_empty() && !branches.contains(branch))
            {
                let message = format!(
                    "`{name}` has no branch `{branch}`: it has {}",
                    quoted(&branches)
                );
                self.key_problem(&path.key("mapping"), branch, message);
            }
            return Some(Decision::EdgeNode(name.to_owned()));
        }
        if !name.contains('.') && !STATE.contains(&name) && !shape.nodes.contains_key(name) {
            let near = suggestion(name, edge_nodes.keys().map(String::as_str));
            self.problem(
                &decider_path,
                format!("there is no edge node `{name}`{near}"),
            );
            return None;
        }
        Some(Decision::Path(name.to_owned()))
    }

    fn required<'v>(
        &mut self,
        path: &DocPath,
        object: &'v Map<String, Value>,
        key: &str,
    ) -> Option<(DocPath, &'v Value)> {
        let value = object.get(key);
        if value.is_none() {
            self.problem(path, format!("lacks `{key}`"));
        }
        Some((path.key(key), value?))
    }

    fn source(&mut self, nodes: &Named, path: &DocPath, value: &Value) -> Option<Source> {
        match value.as_str() {
            Some(START) => Some(Source::Start),
            Some(END) => {
                self.problem(path, "nothing follows END");
                None
            }
            name => self.named(nodes, path, value, name).map(Source::Node),
        }
    }

    fn target(&mut self, nodes: &Named, path: &DocPath, value: &Value) -> Option<Target> {
        match value.as_str() {
            Some(END) => Some(Target::End),
            Some(START) => {
                self.problem(path, "nothing leads to START");
                None
            }
            name => self.named(nodes, path, value, name).map(Target::Node),
        }
    }

    fn named(
        &mut self,
        nodes: &Named,
        path: &DocPath,
        value: &Value,
        name: Option<&str>,
    ) -> Option<Node> {
        let Some(name) = name else {
            self.problem(
                path,
                format!("must be the name of a node, not {}", name_of(value)),
            );
            return None;
        };
        let node = nodes.get_index_of(name);
        if node.is_none() {
            let near = suggestion(name, nodes.keys().map(String::as_str).chain([START, END]));
            self.problem(path, format!("there is no node `{name}`{near}"));
        }
        node
    }
}

fn quoted(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
