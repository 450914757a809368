//! When two subscriptions ask for the same: their selections in a normal form.
//!
//! White space, the names of operations, fragments and variables, and the arguments that only choose a place in the feed
//! make no difference. Aliases and the order of fields do, because the result shows them.

use std::{convert::Infallible, fmt::Write};

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};
use sha2::{Digest, Sha256};

use super::results::ResultKey;
use crate::{graphql::Operation, http::Identity};

/// The key of what a validated subscription makes of each event.
///
/// The arguments of the root field are left out: a key is only ever compared with others of the same feed.
/// `None` when there is no such operation, which reading it has ruled out.
pub(super) fn key(operation: &Operation, identity: Identity) -> Option<ResultKey> {
    let definition = operation.definition()?;
    Some(key_of(
        operation.document(),
        definition,
        operation.variables(),
        identity,
    ))
}

fn key_of(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    identity: Identity,
) -> ResultKey {
    let mut form = Form {
        document,
        operation,
        variables,
        text: String::new(),
    };
    // Writing to a string cannot fail.
    let _ = write!(form.text, "{identity:?}");
    for root in &operation.selection_set.node.items {
        if let Selection::Field(field) = &root.node {
            let _ = write!(
                form.text,
                "{}:{}",
                field.node.response_key(),
                field.node.name
            );
            form.selection_set(&field.node.selection_set.node);
        }
    }
    Sha256::digest(form.text).into()
}

struct Form<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    text: String,
}

impl Form<'_> {
    fn selection_set(&mut self, set: &SelectionSet) {
        self.text.push('{');
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let _ = write!(self.text, "{}:{}", field.response_key(), field.name);
                    for (name, value) in &field.arguments {
                        let value = value
                            .node
                            .clone()
                            .into_const_with(|name| self.variable(&name));
                        self.argument(name, value);
                    }
                    self.directives(&field.directives);
                    self.selection_set(&field.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment
                        .node
                        .type_condition
                        .as_ref()
                        .map(|condition| &condition.node.on.node);
                    self.fragment(
                        on,
                        &fragment.node.directives,
                        &fragment.node.selection_set.node,
                    );
                }
                Selection::FragmentSpread(spread) => {
                    let document = self.document;
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node)
                    {
                        let on = &fragment.node.type_condition.node.on.node;
                        let inner = &fragment.node.selection_set.node;
                        self.fragment(Some(on), &spread.node.directives, inner);
                    }
                }
            }
        }
        self.text.push('}');
    }

    fn fragment(
        &mut self,
        on: Option<&Name>,
        directives: &[Positioned<Directive>],
        inner: &SelectionSet,
    ) {
        let _ = write!(self.text, "...{}", on.map_or("", Name::as_str));
        self.directives(directives);
        self.selection_set(inner);
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        for directive in directives {
            let _ = write!(self.text, "@{}", directive.node.name);
            for (name, value) in &directive.node.arguments {
                let value = value
                    .node
                    .clone()
                    .into_const_with(|name| self.variable(&name));
                self.argument(name, value);
            }
        }
    }

    fn argument(&mut self, name: &Positioned<Name>, value: Result<Value, Infallible>) {
        let Ok(value) = value;
        let _ = write!(self.text, "({name}:{value})");
    }

    /// The value that execution will see.
    fn variable(&self, name: &Name) -> Result<Value, Infallible> {
        let given = self.variables.get(name);
        let default = || {
            let mut definitions = self.operation.variable_definitions.iter();
            definitions
                .find(|definition| definition.node.name.node == *name)?
                .node
                .default_value()
        };
        Ok(given.or_else(default).cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn key_for(query: &str, variables: serde_json::Value) -> ResultKey {
        let document = parse_query(query).expect("the sample is GraphQL");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        key_of(
            &document,
            &operation.node,
            &Variables::from_json(variables),
            Identity::Local,
        )
    }

    const BASE: &str = "subscription { f(id: 1) { a b(x: 2) { c } } }";

    #[test]
    fn what_does_not_show_in_the_result_makes_no_difference() {
        let base = key_for(BASE, json!({}));
        for (query, variables) in [
            (
                "subscription  Named {\n f(id: 1, after: \"x\") { a, b(x: 2) { c } } } # comment",
                json!({}),
            ),
            (
                "subscription ($after: String) { f(id: 1, after: $after) { a b(x: 2) { c } } }",
                json!({"after": "r1"}),
            ),
            (
                "subscription ($n: Int) { f(id: 1) { a b(x: $n) { c } } }",
                json!({"n": 2}),
            ),
            (
                "subscription ($n: Int = 2) { f(id: 1) { a b(x: $n) { c } } }",
                json!({}),
            ),
        ] {
            assert_eq!(key_for(query, variables), base, "{query}");
        }
    }

    #[test]
    fn what_shows_in_the_result_makes_a_difference() {
        let others = [
            (
                "subscription { g: f(id: 1) { a b(x: 2) { c } } }",
                json!({}),
            ),
            ("subscription { f(id: 1) { b(x: 2) { c } a } }", json!({})),
            (
                "subscription { f(id: 1) { z: a b(x: 2) { c } } }",
                json!({}),
            ),
            ("subscription { f(id: 1) { a b(x: 3) { c } } }", json!({})),
            ("subscription { f(id: 1) { a b(x: 2) { c } d } }", json!({})),
            (
                "subscription ($y: Boolean!) { f(id: 1) { a b(x: 2) { c @include(if: $y) } } }",
                json!({"y": true}),
            ),
            (
                "subscription ($y: Boolean!) { f(id: 1) { a b(x: 2) { c @include(if: $y) } } }",
                json!({"y": false}),
            ),
            (
                "subscription ($n: Int = 2) { f(id: 1) { a b(x: $n) { c } } }",
                json!({"n": null}),
            ),
        ];
        let mut keys: Vec<ResultKey> = others
            .into_iter()
            .map(|(query, variables)| key_for(query, variables))
            .collect();
        keys.push(key_for(BASE, json!({})));
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn a_fragment_is_what_it_selects_not_what_it_is_called() {
        let inline = key_for("subscription { f { ... on T { a } } }", json!({}));
        for name in ["A", "B"] {
            let query =
                format!("subscription {{ f {{ ...{name} }} }} fragment {name} on T {{ a }}");
            assert_eq!(key_for(&query, json!({})), inline);
        }
        assert_ne!(
            key_for("subscription { f { ... on U { a } } }", json!({})),
            inline
        );
    }

    #[test]
    fn results_are_not_shared_between_identities() {
        let document = parse_query(BASE).expect("the sample is GraphQL");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let of = |identity| key_of(&document, &operation.node, &Variables::default(), identity);
        assert_ne!(of(Identity::Local), of(Identity::Operator));
    }
}
