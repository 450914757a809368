//! From a document to a workflow, or to everything that is wrong with it.

mod edges;
mod nodes;
mod trace;

use serde_json::{Map, Value};

use crate::document::{DocPath, Document, Position};
use crate::graph::Graph;

use crate::node::NodeCatalog;
use crate::schema::name_of;
use crate::suggest::suggestion;
use crate::workflow::{Problem, Problems, Workflow};

use nodes::Named;

/// More would help nobody.
const MAX_PROBLEMS: usize = 200;
const DEFAULT_RECURSION_LIMIT: u32 = 250;
const MAX_RECURSION_LIMIT: u32 = 1_000_000;
const MAX_ID_LEN: usize = 200;

const KEYS: &[&str] = &[
    "id",
    "name",
    "description",
    "version",
    "metadata",
    "nodes",
    "edges",
    "edge_nodes",
    "conditional_edges",
    "parallel_branches",
    "inputs",
    "recursion_limit",
    "trace",
];

pub(crate) fn parse(
    source: &str,
    default_id: &str,
    catalog: &NodeCatalog,
) -> Result<Workflow, Problems> {
    let document = Document::parse(source)?;
    let mut reader = Reader {
        document: &document,
        catalog,
        problems: Vec::new(),
        base: DocPath::root(),
    };
    let workflow = reader.workflow(source, default_id);
    match workflow {
        Some(workflow) if reader.problems.is_empty() => Ok(workflow),
        _ => Err(reader.into_problems()),
    }
}

/// Collects problems while it reads.
struct Reader<'d> {
    document: &'d Document<'d>,
    catalog: &'d NodeCatalog,
    problems: Vec<Problem>,
    /// The path of the graph that is read: the document's root, or a graph inside of a node.
    base: DocPath,
}

/// What a graph says beside its id.
struct Content {
    name: Option<String>,
    description: Option<String>,
    inputs: Map<String, Value>,
    recursion_limit: u32,
    nodes: Named,
    edge_nodes: Named,
    graph: Graph,
}

impl Reader<'_> {
    fn workflow(&mut self, source: &str, default_id: &str) -> Option<Workflow> {
        let document = self.document;
        let Value::Object(top) = &document.value else {
            let message = format!("a workflow is an object, not {}", name_of(&document.value));
            self.problem(&DocPath::root(), message);
            return None;
        };
        let id = self.id(top, default_id);
        let capture_content = Workflow::captures_content(&document.value);
        let Content {
            name,
            description,
            inputs,
            recursion_limit,
            nodes,
            edge_nodes,
            graph,
        } = self.content(top);
        if !self.problems.is_empty() {
            return None;
        }
        Some(Workflow {
            name: name.unwrap_or_else(|| id.clone()),
            id,
            description,
            source: source.into(),
            definition: document.value.clone(),
            inputs,
            recursion_limit,
            capture_content,
            nodes: nodes.into_values().flatten().collect(),
            edge_nodes: edge_nodes
                .into_iter()
                .filter_map(|(name, node)| Some((name, node?)))
                .collect(),
            graph,
        })
    }

    /// Everything of a workflow but its id, which a graph inside of a node does not need.
    fn content(&mut self, top: &Map<String, Value>) -> Content {
        let base = self.base.clone();
        for key in top.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            let near = suggestion(key, KEYS.iter().copied());
            self.key_problem(
                &base,
                key,
                format!("there is no key `{key}` in a workflow{near}"),
            );
        }
        self.trace(top);
        let nodes = self.nodes(top);
        let edge_nodes = self.edge_nodes(top);
        Content {
            name: self.text(top, "name"),
            description: self.text(top, "description"),
            inputs: self.object(top, "inputs"),
            recursion_limit: self.recursion_limit(top),
            graph: self.graph(top, &nodes, &edge_nodes),
            nodes,
            edge_nodes,
        }
    }

    /// Checks a graph inside of a node.
    fn inner_graph(&mut self, path: &DocPath, top: &Map<String, Value>) {
        let outer = std::mem::replace(&mut self.base, path.clone());
        self.content(top);
        self.base = outer;
    }

    fn id(&mut self, top: &Map<String, Value>, default_id: &str) -> String {
        let root = self.base.clone();
        let id = match top.get("id") {
            None if default_id.is_empty() => {
                self.problem(&root, "lacks an `id`");
                return String::new();
            }
            None => default_id,
            Some(Value::String(id)) => id,
            Some(other) => {
                self.problem(
                    &root.key("id"),
                    format!("must be text, not {}", name_of(other)),
                );
                return String::new();
            }
        };
        let printable = id
            .chars()
            .all(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '/' | '?' | '#'));
        if id.is_empty() || id.len() > MAX_ID_LEN || !printable {
            let message =
                format!("an id is 1 to {MAX_ID_LEN} characters without spaces, `/`, `?` or `#`");
            self.problem(&root.key("id"), message);
        }
        id.to_owned()
    }

    fn recursion_limit(&mut self, top: &Map<String, Value>) -> u32 {
        let Some(value) = top.get("recursion_limit") else {
            return DEFAULT_RECURSION_LIMIT;
        };
        let limit = value.as_u64().and_then(|limit| u32::try_from(limit).ok());
        limit
            .filter(|limit| (1..=MAX_RECURSION_LIMIT).contains(limit))
            .unwrap_or_else(|| {
                let path = self.base.key("recursion_limit");
                self.problem(
                    &path,
                    format!("must be a whole number from 1 to {MAX_RECURSION_LIMIT}"),
                );
                DEFAULT_RECURSION_LIMIT
            })
    }

    fn text(&mut self, object: &Map<String, Value>, key: &str) -> Option<String> {
        match object.get(key)? {
            Value::String(text) => Some(text.clone()),
            other => {
                self.problem(
                    &self.base.key(key),
                    format!("must be text, not {}", name_of(other)),
                );
                None
            }
        }
    }

    fn object(&mut self, object: &Map<String, Value>, key: &str) -> Map<String, Value> {
        match object.get(key) {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(inner)) => inner.clone(),
            Some(other) => {
                self.problem(
                    &self.base.key(key),
                    format!("must be an object, not {}", name_of(other)),
                );
                Map::new()
            }
        }
    }

    /// The entries of a list at the top, each with its path.
    fn list<'v>(&mut self, top: &'v Map<String, Value>, key: &str) -> Vec<(DocPath, &'v Value)> {
        let path = self.base.key(key);
        match top.get(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(index, item)| (path.index(index), item))
                .collect(),
            Some(other) => {
                self.problem(&path, format!("must be a list, not {}", name_of(other)));
                Vec::new()
            }
        }
    }

    /// An entry that has to be an object.
    fn entry<'v>(&mut self, path: &DocPath, value: &'v Value) -> Option<&'v Map<String, Value>> {
        let object = value.as_object();
        if object.is_none() {
            self.problem(path, format!("must be an object, not {}", name_of(value)));
        }
        object
    }

    fn known_keys(&mut self, path: &DocPath, object: &Map<String, Value>, known: &[&str]) {
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            let near = suggestion(key, known.iter().copied());
            self.key_problem(path, key, format!("there is no key `{key}` here{near}"));
        }
    }

    fn problem(&mut self, path: &DocPath, message: impl Into<String>) {
        self.add(path, self.document.locate(path), message.into());
    }

    /// A problem of a key itself rather than of its value.
    fn key_problem(&mut self, path: &DocPath, key: &str, message: impl Into<String>) {
        let at = self.document.locate_key(path, key);
        self.add(&path.key(key), at, message.into());
    }

    fn add(&mut self, path: &DocPath, at: Position, message: String) {
        let problem = Problem {
            path: path.to_string(),
            line: at.line,
            column: at.column,
            message,
        };
        if self.problems.len() < MAX_PROBLEMS && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn into_problems(mut self) -> Problems {
        self.problems
            .sort_by_key(|problem| (problem.line, problem.column));
        Problems(self.problems)
    }
}
