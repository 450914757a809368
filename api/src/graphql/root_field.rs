//! The one root field of a subscription, wherever it is written.
//!
//! The library runs every root field there is, and none that is written in a fragment. GraphQL asks for exactly one, which
//! may be in fragments, not be introspection, and not depend on `@skip` or `@include`.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition,
        OperationDefinition, Selection, SelectionSet, TypeCondition,
    },
};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Writes the root field of the subscription that `name` selects directly into it.
///
/// # Errors
/// What is wrong with the root selection.
pub(super) fn unfold(
    document: &mut ExecutableDocument,
    name: Option<&str>,
) -> Result<(), &'static str> {
    let ExecutableDocument {
        operations,
        fragments,
    } = document;
    let operation = match operations {
        DocumentOperations::Single(operation) => Some(operation),
        DocumentOperations::Multiple(all) => match name {
            Some(name) => all.get_mut(name),
            None => all.values_mut().next(),
        },
    };
    let Some(operation) = operation else {
        return Ok(());
    };
    let mut root = Root {
        fragments,
        fields: Vec::new(),
        spread: HashSet::new(),
    };
    root.collect(&operation.node.selection_set.node)?;
    let Root { fields, spread, .. } = root;
    let [field] = fields
        .try_into()
        .map_err(|_| "a subscription selects exactly one root field")?;
    if field.node.name.node.starts_with("__") {
        return Err("the root field of a subscription may not be introspection");
    }
    let pos = field.pos;
    operation.node.selection_set.node.items = vec![Positioned::new(Selection::Field(field), pos)];
    // Validation refuses fragments that nothing spreads; these were spread until now.
    let used = reachable(operations, fragments);
    fragments.retain(|name, _| used.contains(name) || !spread.contains(name));
    Ok(())
}

struct Root<'a> {
    fragments: &'a Fragments,
    fields: Vec<Positioned<Field>>,
    spread: HashSet<Name>,
}

impl Root<'_> {
    fn collect(&mut self, set: &SelectionSet) -> Result<(), &'static str> {
        for selection in &set.items {
            unconditional(selection.node.directives())?;
            match &selection.node {
                Selection::Field(field) => self.fields.push(field.clone()),
                Selection::InlineFragment(inline) => {
                    applies(inline.node.type_condition.as_ref())?;
                    self.collect(&inline.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let fragment = self
                        .fragments
                        .get(name)
                        .ok_or("the root selection spreads an unknown fragment")?;
                    applies(Some(&fragment.node.type_condition))?;
                    // A fragment counts once, and one that spreads itself selects nothing more.
                    if self.spread.insert(name.clone()) {
                        self.collect(&fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn unconditional(directives: &[Positioned<Directive>]) -> Result<(), &'static str> {
    let conditional = |directive: &Positioned<Directive>| {
        matches!(directive.node.name.node.as_str(), "skip" | "include")
    };
    if directives.iter().any(conditional) {
        return Err("the root field of a subscription may not depend on @skip or @include");
    }
    Ok(())
}

fn applies(condition: Option<&Positioned<TypeCondition>>) -> Result<(), &'static str> {
    match condition {
        Some(condition) if condition.node.on.node != "Subscription" => {
            Err("the root selection of a subscription spreads a fragment on another type")
        }
        _ => Ok(()),
    }
}

/// The fragments that any operation spreads, through others or not.
fn reachable(operations: &DocumentOperations, fragments: &Fragments) -> HashSet<Name> {
    let mut used = HashSet::new();
    let mut open: Vec<&SelectionSet> = operations
        .iter()
        .map(|(_, operation): (_, &Positioned<OperationDefinition>)| {
            &operation.node.selection_set.node
        })
        .collect();
    while let Some(set) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => open.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => open.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if used.insert(name.clone())
                        && let Some(fragment) = fragments.get(name)
                    {
                        open.push(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
    used
}
