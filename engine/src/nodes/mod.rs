//! The node types that come with the engine, one file each.

mod set_variable;

use crate::node::NodeType;

pub(crate) fn all() -> Vec<NodeType> {
    vec![NodeType::of::<set_variable::SetVariable>()]
}
