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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    /// The catalogue is what an editor shows: a parameter without a word about it is a riddle.
    #[test]
    fn every_parameter_of_every_type_is_described() {
        for node_type in super::all() {
            assert!(!node_type.description.is_empty(), "{}", node_type.name);
            let definitions = node_type.schema.get("$defs").and_then(Value::as_object);
            let objects = definitions
                .into_iter()
                .flat_map(|definitions| definitions.values());
            for object in objects.chain([&node_type.schema]) {
                for (name, parameter) in object["properties"].as_object().into_iter().flatten() {
                    let described = parameter["description"].is_string();
                    assert!(described, "{}: {name} is not described", node_type.name);
                }
            }
        }
    }
}
