//! A workflow's shape: what follows what. Pure functions over indices of nodes.

use std::collections::HashSet;

use indexmap::{IndexMap, IndexSet};
use petgraph::algo::kosaraju_scc;
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
    /// By node: what leads to it.
    sources: Vec<Vec<Node>>,
    /// Nodes that wait for every branch on its way to them.
    joins: HashSet<Node>,
}

impl Graph {
    pub(crate) fn new(
        start: Exits,
        exits: Vec<Exits>,
        joins: impl IntoIterator<Item = Node>,
    ) -> Self {
        let mut sources = vec![Vec::new(); exits.len()];
        for (source, exits) in exits.iter().enumerate() {
            exits
                .targets()
                .for_each(|target| sources[target].push(source));
        }
        Self {
            start,
            exits,
            sources,
            joins: joins.into_iter().collect(),
        }
    }

    /// Takes out of `due` what runs next: everything but the joins that something else in `due` may still lead to.
    /// Joins that only wait for each other all run.
    pub(crate) fn next_step(&self, due: &mut IndexSet<Node>) -> Vec<Node> {
        let waits = |node: Node| self.joins.contains(&node) && self.is_led_to(node, due);
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

    /// Whether something else in `due` leads to `join`. Found anew each time: kept for each join, what leads to it would grow
    /// with the square of the document.
    fn is_led_to(&self, join: Node, due: &IndexSet<Node>) -> bool {
        let mut seen = HashSet::from([join]);
        let mut open = vec![join];
        while let Some(node) = open.pop() {
            for source in &self.sources[node] {
                if seen.insert(*source) {
                    if due.contains(source) {
                        return true;
                    }
                    open.push(*source);
                }
            }
        }
        false
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
        // A document may be one long chain, which recursion over the graph would not survive.
        let mut cycles: Vec<Vec<Node>> = kosaraju_scc(&graph)
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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const NODES: usize = 8;

    fn graph(edges: &[(Node, Node)], joins: &[Node]) -> Graph {
        let mut exits = vec![Exits::default(); NODES];
        for (source, target) in edges {
            exits[*source].edges.insert(Target::Node(*target));
        }
        Graph::new(Exits::default(), exits, joins.iter().copied())
    }

    fn edges() -> impl Strategy<Value = Vec<(Node, Node)>> {
        vec((0..NODES, 0..NODES), 0..20)
    }

    /// Whether a path leads from one node to another, by trying.
    fn leads(edges: &[(Node, Node)], from: Node, to: Node) -> bool {
        let mut seen = HashSet::from([from]);
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            for (_, target) in edges.iter().filter(|(source, _)| *source == node) {
                if *target == to {
                    return true;
                }
                if seen.insert(*target) {
                    open.push(*target);
                }
            }
        }
        false
    }

    proptest! {
        #[test]
        fn a_step_takes_something_and_loses_nothing(edges in edges(), joins in vec(0..NODES, 0..4), first in vec(0..NODES, 1..6)) {
            let graph = graph(&edges, &joins);
            let due: IndexSet<Node> = first.into_iter().collect();
            let mut waiting = due.clone();
            let step = graph.next_step(&mut waiting);
            prop_assert!(!step.is_empty());
            prop_assert!(waiting.iter().all(|node| joins.contains(node)), "only joins wait");
            let all: HashSet<Node> = step.iter().chain(&waiting).copied().collect();
            prop_assert_eq!(all, due.iter().copied().collect::<HashSet<_>>());
            prop_assert_eq!(step.len() + waiting.len(), due.len());
        }

        #[test]
        fn a_join_that_waits_is_led_to_and_one_that_runs_is_not(edges in edges(), join in 0..NODES, first in vec(0..NODES, 1..6)) {
            let graph = graph(&edges, &[join]);
            let due: IndexSet<Node> = first.into_iter().chain([join]).collect();
            let mut waiting = due.clone();
            graph.next_step(&mut waiting);
            let led_to = due.iter().any(|node| *node != join && leads(&edges, *node, join));
            prop_assert_eq!(waiting.contains(&join), led_to);
        }

        #[test]
        fn cycles_are_what_leads_back_to_itself(edges in edges()) {
            let found: HashSet<Node> = graph(&edges, &[]).endless_cycles().into_iter().flatten().collect();
            let expected: HashSet<Node> = (0..NODES).filter(|node| leads(&edges, *node, *node)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_conditional_edge_breaks_a_cycle() {
        let conditional = Conditional {
            decision: Decision::Path("results.b".into()),
            mapping: IndexMap::from([("again".to_owned(), Target::Node(0))]),
            default: None,
        };
        let a = Exits {
            edges: IndexSet::from([Target::Node(1)]),
            conditionals: Vec::new(),
        };
        let b = Exits {
            edges: IndexSet::new(),
            conditionals: vec![conditional],
        };
        assert!(
            Graph::new(Exits::default(), vec![a, b], [])
                .endless_cycles()
                .is_empty()
        );
    }
}
