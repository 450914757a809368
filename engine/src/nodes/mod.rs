//! The node types that come with the engine, one file each.

mod agent;
mod artifact;
mod chat;
mod data_transform;
mod delay;
mod for_each;
mod for_loop;
mod http_request;
mod inline;
mod javascript;
mod json_processing;
mod llm;
mod merge;
mod path;
mod postgres;
mod set_variable;
mod sub_workflow;
#[cfg(test)]
mod testing;
mod trace_headers;

use crate::node::NodeType;

pub(crate) fn all() -> Vec<NodeType> {
    vec![
        NodeType::of::<set_variable::SetVariable>(),
        NodeType::of::<data_transform::DataTransform>(),
        NodeType::of::<json_processing::JsonProcessing>(),
        NodeType::of::<merge::Merge>(),
        NodeType::of::<delay::Delay>(),
        NodeType::of::<for_loop::ForLoop>(),
        NodeType::of::<for_each::ForEach>(),
        NodeType::of::<sub_workflow::SubWorkflow>(),
        NodeType::of::<http_request::HttpRequest>(),
        NodeType::of::<postgres::Postgres>(),
        NodeType::of::<llm::Llm>(),
        NodeType::of::<agent::Agent>(),
        NodeType::of::<javascript::JavaScriptSandbox>(),
        NodeType::of::<artifact::Artifact>(),
    ]
}
