//! A workflow's shape: what follows what. Pure functions over indices of nodes.

use std::collections::HashSet;

use indexmap::{IndexMap, IndexSet};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// A node, by its index in the document's order.
pub(crate) type Node = usize;

/// Where an edge leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    Node(Node),
    End,
}

/// What decides a conditional edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// An entry of `edge_nodes`.
    EdgeNode(String),
    /// A value of the state.
    Path(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conditional {
    pub(crate) decision: Decision,
    pub(crate) mapping: IndexMap<String, Target>,
    pub(crate) default: Option<Target>,
}

impl Conditional {
    /// What matches nothing goes to the default, else to END.
    pub(crate) fn target(&self, branch: &str) -> Target {
        self.mapping
            .get(branch)
            .copied()
            .or(self.default)
            .unwrap_or(Target::End)
    }

    fn targets(&self) -> impl Iterator<Item = Target> {
        self.mapping.values().copied().chain(self.default)
    }
}

/// What leaves a node, or START.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Exits {
    pub(crate) edges: IndexSet<Target>,
    pub(crate) conditionals: Vec<Conditional>,
}

impl Exits {
    fn targets(&self) -> impl Iterator<Item = Node> {
        let conditional = self.conditionals.iter().flat_map(Conditional::targets);
        self.edges
            .iter()
            .copied()
            .chain(conditional)
            .filter_map(|target| match target {
                Target::Node(node) => Some(node),
                Target::End => None,
            })
    }
}

/// The edges between nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    pub(crate) start: Exits,
    /// By node.
    pub(crate) exits: Vec<Exits>,
    /// Nodes that wait for every branch on its way to them, each with the nodes it may be waiting for.
    joins: IndexMap<Node, HashSet<Node>>,
}

impl Graph {
    pub(crate) fn new(
        start: Exits,
        exits: Vec<Exits>,
        joins: impl IntoIterator<Item = Node>,
    ) -> Self {
        let mut graph = Self {
            start,
            exits,
            joins: IndexMap::new(),
        };
        graph.joins = joins
            .into_iter()
            .map(|join| (join, graph.upstream(join)))
            .collect();
        graph
    }

    /// Takes out of `due` what runs next: everything but the joins that something else in `due` may still lead to.
    /// Joins that only wait for each other all run.
    pub(crate) fn next_step(&self, due: &mut IndexSet<Node>) -> Vec<Node> {
        let waits = |node: Node| {
            self.joins.get(&node).is_some_and(|upstream| {
                due.iter()
                    .any(|other| *other != node && upstream.contains(other))
            })
        };
        let (waiting, ready): (IndexSet<Node>, Vec<Node>) = {
            let (waiting, ready): (Vec<Node>, Vec<Node>) =
                due.iter().copied().partition(|node| waits(*node));
            (waiting.into_iter().collect(), ready)
        };
        if ready.is_empty() {
            return std::mem::take(due).into_iter().collect();
        }
        *due = waiting;
        ready
    }

    /// The nodes from which `join` can be reached without passing it.
    fn upstream(&self, join: Node) -> HashSet<Node> {
        let mut sources: Vec<Vec<Node>> = vec![Vec::new(); self.exits.len()];
        for (source, exits) in self.exits.iter().enumerate() {
            exits
                .targets()
                .for_each(|target| sources[target].push(source));
        }
        let mut found = HashSet::new();
        let mut open = vec![join];
        while let Some(node) = open.pop() {
            open.extend(
                sources[node]
                    .iter()
                    .copied()
                    .filter(|source| *source != join && found.insert(*source)),
            );
        }
        found
    }

    /// Every group of nodes that lead to each other without a condition, which no run could leave.
    pub(crate) fn endless_cycles(&self) -> Vec<Vec<Node>> {
        let mut graph: DiGraph<(), ()> = DiGraph::new();
        let indices: Vec<NodeIndex> = self.exits.iter().map(|_| graph.add_node(())).collect();
        for (source, exits) in self.exits.iter().enumerate() {
            for target in &exits.edges {
                if let Target::Node(target) = *target {
                    graph.add_edge(indices[source], indices[target], ());
                }
            }
        }
        let mut cycles: Vec<Vec<Node>> = tarjan_scc(&graph)
            .into_iter()
            .filter(|group| {
                group.len() > 1 || group.iter().any(|node| graph.contains_edge(*node, *node))
            })
            .map(|group| {
                let mut nodes: Vec<Node> = group.into_iter().map(NodeIndex::index).collect();
                nodes.sort_unstable();
                nodes
            })
            .collect();
        cycles.sort();
        cycles
    }
}
