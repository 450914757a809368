//! What a node type is: parameters with a schema, and a run.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, LazyLock, OnceLock};

use futures::FutureExt;
use futures::future::BoxFuture;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::context::NodeContext;
use crate::error::NodeError;
use crate::schema::Checker;

/// Groups node types in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeCategory {
    Ai,
    Data,
    Http,
    Database,
    Logic,
    Code,
    Artifact,
}

/// A node type, implemented by a unit struct in `nodes/<kind>.rs` and listed in `nodes/mod.rs`.
pub trait NodeKind: 'static {
    /// The parameters with every template and credential resolved. Without the keys that all nodes share
    /// (`name`, `type`, `display_name`, `description`, `timeout`, `retry`, `position`, `metadata`).
    /// Derive with `#[serde(deny_unknown_fields)]`, so that a misspelt parameter is a problem of the document. What stands
    /// as a default also derives `Serialize`, or the schema cannot tell it.
    type Params: DeserializeOwned + JsonSchema + Send;

    /// The `type` in documents, for instance `HttpRequestNode`.
    const NAME: &'static str;
    /// Other spellings of the name in documents.
    const ALIASES: &'static [&'static str] = &[];
    /// One sentence for the catalogue.
    const DESCRIPTION: &'static str;
    const CATEGORY: NodeCategory;
    /// Whether it acts outside of the run (HTTP, model, database): then everything before it is committed first.
    const EFFECTS: bool = false;
    /// Top-level parameters that arrive as the document has them: the node resolves their templates itself
    /// with [`NodeContext::resolve`].
    const DEFERRED: &'static [&'static str] = &[];
    /// Top-level parameters that hold a node definition or a graph, objects with one under `node` or `graph`, or a list of
    /// these: deferred too, and validated with the document.
    const BODIES: &'static [&'static str] = &[];

    /// Runs once. The future is dropped on cancellation and at the node's `timeout`, so it must be safe to drop at any await.
    /// It shares a task with the other nodes of its step: what computes long or blocks belongs on a thread of its own.
    fn run(
        params: Self::Params,
        cx: &NodeContext,
    ) -> impl Future<Output = Result<Value, NodeError>> + Send;
}

type Running = BoxFuture<'static, Result<Value, NodeError>>;

/// A node type in the catalogue.
#[derive(Clone)]
pub struct NodeType {
    pub name: &'static str,
    /// See [`NodeKind::ALIASES`].
    pub aliases: &'static [&'static str],
    pub category: NodeCategory,
    pub description: &'static str,
    /// See [`NodeKind::EFFECTS`].
    pub effects: bool,
    /// JSON Schema (2020-12) of the parameters, with templates resolved.
    pub schema: Value,
    /// See [`NodeKind::DEFERRED`].
    pub deferred: &'static [&'static str],
    /// See [`NodeKind::BODIES`].
    pub bodies: &'static [&'static str],
    begin: fn(&Value, NodeContext) -> Result<Running, serde_json::Error>,
    checker: Arc<OnceLock<Checker>>,
}

impl NodeType {
    /// The catalogue's form of a node kind.
    pub fn of<K: NodeKind>() -> Self {
        Self {
            name: K::NAME,
            aliases: K::ALIASES,
            category: K::CATEGORY,
            description: K::DESCRIPTION,
            effects: K::EFFECTS,
            schema: schemars::schema_for!(K::Params).to_value(),
            deferred: K::DEFERRED,
            bodies: K::BODIES,
            begin: |params, cx| {
                let params = K::Params::deserialize(params)?;
                Ok(async move { K::run(params, &cx).await }.boxed())
            },
            checker: Arc::default(),
        }
    }

    /// Reads the parameters, and returns the run that is then to be awaited.
    pub(crate) fn begin(
        &self,
        params: &Value,
        cx: NodeContext,
    ) -> Result<Running, serde_json::Error> {
        (self.begin)(params, cx)
    }

    /// Checks parameters before their templates have values.
    pub(crate) fn checker(&self) -> &Checker {
        self.checker.get_or_init(|| Checker::new(&self.schema))
    }

    pub(crate) fn is_deferred(&self, parameter: &str) -> bool {
        self.deferred.contains(&parameter) || self.bodies.contains(&parameter)
    }
}

impl fmt::Debug for NodeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeType")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The node types a workflow may use. Cheap to clone.
#[derive(Debug, Clone)]
pub struct NodeCatalog {
    types: Arc<IndexMap<&'static str, NodeType>>,
}

impl NodeCatalog {
    /// The types that come with the engine.
    pub fn builtin() -> Self {
        static BUILTIN: LazyLock<NodeCatalog> =
            LazyLock::new(|| NodeCatalog::new(crate::nodes::all()));
        BUILTIN.clone()
    }

    /// The types of edge nodes, which decide conditional edges.
    pub fn deciders() -> Self {
        crate::deciders::catalog().clone()
    }

    /// A catalogue of these types; of two with one name the later counts.
    pub fn new(types: impl IntoIterator<Item = NodeType>) -> Self {
        Self {
            types: Arc::new(
                types
                    .into_iter()
                    .map(|node_type| (node_type.name, node_type))
                    .collect(),
            ),
        }
    }

    /// This catalogue and one more type.
    #[must_use]
    pub fn with<K: NodeKind>(&self) -> Self {
        Self::new(self.iter().cloned().chain([NodeType::of::<K>()]))
    }

    /// The type with this name, or with this alias.
    pub fn get(&self, name: &str) -> Option<&NodeType> {
        let aliased = || {
            self.iter()
                .find(|node_type| node_type.aliases.contains(&name))
        };
        self.types.get(name).or_else(aliased)
    }

    /// In the order of registration.
    pub fn iter(&self) -> impl Iterator<Item = &NodeType> {
        self.types.values()
    }
}
