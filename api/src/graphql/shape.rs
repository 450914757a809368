//! The shape of an answer, known from its operation: which fields in which order, and which of them may be null.
//!
//! The library leaves a field that failed out of the answer and lists fields in the order in which they became ready. GraphQL
//! asks for null there, or, where null is not allowed, for null in the nearest place above where it is; and for the order
//! of the selection.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, PathSegment, Pos, Positioned, Value,
    indexmap::IndexMap,
    parser::{
        parse_schema,
        types::{
            BaseType, ExecutableDocument, OperationDefinition, OperationType, Selection,
            SelectionSet, Type, TypeKind, TypeSystemDefinition,
        },
    },
};

/// The types of every field of the schema.
#[derive(Debug)]
pub(crate) struct FieldTypes(HashMap<Name, HashMap<Name, Type>>);

impl FieldTypes {
    /// Reads them from the schema's own text.
    pub(crate) fn of_schema(sdl: &str) -> Self {
        let document = match parse_schema(sdl) {
            Ok(document) => document,
            Err(error) => unreachable!("the library prints schemas that it can read: {error}"),
        };
        let mut types = HashMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let fields = fields
                .into_iter()
                .map(|field| (field.node.name.node, field.node.ty.node))
                .collect();
            types.insert(definition.node.name.node, fields);
        }
        Self(types)
    }

    fn of(&self, parent: &str, field: &str) -> Option<&Type> {
        self.0.get(parent)?.get(field)
    }
}

/// The places of an operation's fields that give a part of an object or list only, because other fields give the same one.
#[derive(Debug)]
pub(crate) struct MergedFields(pub(crate) HashSet<Pos>);

/// The fields of an object of the answer, in order. Those of other types than the object's own are simply absent from it.
#[derive(Debug, Default)]
pub(crate) struct Shape(IndexMap<Name, FieldShape>);

#[derive(Debug)]
struct FieldShape {
    /// `None` for what introspection defines, which never fails.
    ty: Option<Type>,
    /// Where the fields that give it are, as far as they select fields themselves.
    places: Vec<Pos>,
    fields: Shape,
}

impl Shape {
    /// The shape of the answer to `operation`, which need not be valid.
    pub(crate) fn of(
        operation: &OperationDefinition,
        document: &ExecutableDocument,
        types: &FieldTypes,
    ) -> Self {
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let mut shape = Self::default();
        Collector {
            document,
            types,
            within: HashSet::new(),
        }
        .collect(&operation.selection_set, root, &mut shape);
        shape
    }

    /// What [`MergedFields`] holds.
    pub(crate) fn merged_fields(&self) -> HashSet<Pos> {
        let mut merged = HashSet::new();
        let mut waiting = vec![self];
        while let Some(shape) = waiting.pop() {
            for field in shape.0.values() {
                if field.places.len() > 1 {
                    merged.extend(&field.places);
                }
                waiting.push(&field.fields);
            }
        }
        merged
    }

    /// The shape below a field of the response, and its place in the order.
    pub(crate) fn field(&self, key: &str) -> Option<&Self> {
        self.0.get(key).map(|field| &field.fields)
    }

    /// The response keys in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Name> {
        self.0.keys()
    }

    /// Puts null where the field at `path` failed: there, or in the nearest place above that may be null.
    pub(crate) fn put_null(&self, data: &mut Value, path: &[PathSegment]) {
        if self.in_object(data, path) == Failed::Whole {
            *data = Value::Null;
        }
    }

    fn in_object(&self, value: &mut Value, path: &[PathSegment]) -> Failed {
        let (Value::Object(object), Some((PathSegment::Field(key), rest))) =
            (value, path.split_first())
        else {
            return Failed::Part;
        };
        let Some(field) = self.0.get(key.as_str()) else {
            return Failed::Part;
        };
        let Some(ty) = &field.ty else {
            return Failed::Part;
        };
        let slot = object.entry(Name::new(key)).or_insert(Value::Null);
        field.fields.in_value(slot, ty, rest)
    }

    /// `value` has the type `ty`, and what is at `path` within it failed.
    fn in_value(&self, value: &mut Value, ty: &Type, path: &[PathSegment]) -> Failed {
        let inner = match (&mut *value, &ty.base, path.split_first()) {
            (Value::Null, ..) => Failed::Whole,
            (Value::List(items), BaseType::List(ty), Some((PathSegment::Index(index), rest))) => {
                items
                    .get_mut(*index)
                    .map_or(Failed::Part, |item| self.in_value(item, ty, rest))
            }
            (Value::Object(_), BaseType::Named(_), _) => self.in_object(value, path),
            _ => Failed::Part,
        };
        match inner {
            Failed::Whole if ty.nullable => {
                *value = Value::Null;
                Failed::Part
            }
            inner => inner,
        }
    }
}

/// How far a failure reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failed {
    /// It ends within the value.
    Part,
    /// It makes the value null, wherever the value may be so.
    Whole,
}

struct Collector<'a> {
    document: &'a ExecutableDocument,
    types: &'a FieldTypes,
    /// The fragments that are being collected: a cycle, which validation refuses, ends here.
    within: HashSet<&'a Name>,
}

impl<'a> Collector<'a> {
    fn collect(&mut self, set: &'a Positioned<SelectionSet>, parent: &str, shape: &mut Shape) {
        for selection in &set.node.items {
            match &selection.node {
                Selection::Field(field) => {
                    let ty = self.types.of(parent, &field.node.name.node);
                    let key = field.node.response_key().node.clone();
                    let entry = shape.0.entry(key).or_insert_with(|| FieldShape {
                        ty: ty.cloned(),
                        places: Vec::new(),
                        fields: Shape::default(),
                    });
                    if field.node.selection_set.node.items.is_empty() {
                        continue;
                    }
                    entry.places.push(field.pos);
                    let named = ty.map_or("", |ty| named(&ty.base));
                    self.collect(&field.node.selection_set, named, &mut entry.fields);
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let parent = condition.map_or(parent, |condition| &condition.node.on.node);
                    self.collect(&fragment.node.selection_set, parent, shape);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.document.fragments.get(name) else {
                        continue;
                    };
                    if self.within.insert(name) {
                        let parent = &fragment.node.type_condition.node.on.node;
                        self.collect(&fragment.node.selection_set, parent, shape);
                        self.within.remove(name);
                    }
                }
            }
        }
    }
}

/// The type within all lists.
fn named(base: &BaseType) -> &str {
    match base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(&item.base),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    const SDL: &str =
        "type Query { a: A b: A! } type A { id: ID! a: A as: [A!]! many: [A] n: Int s: String! }";

    fn shape(query: &str) -> Shape {
        let document = parse_query(query).expect("a query");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        Shape::of(&operation.node, &document, &FieldTypes::of_schema(SDL))
    }

    fn path(path: &[&str]) -> Vec<PathSegment> {
        path.iter()
            .map(|segment| {
                segment.parse().map_or_else(
                    |_| PathSegment::Field((*segment).to_owned()),
                    PathSegment::Index,
                )
            })
            .collect()
    }

    #[test]
    fn a_failed_field_is_null_there_or_in_the_nearest_place_that_may_be() {
        let shape = shape("{ a { n s as { s } many { s a { s } } } b { s } }");
        let nulled = |mut data: Value, at: &[&str]| {
            shape.put_null(&mut data, &path(at));
            data
        };
        assert_eq!(
            nulled(value!({"a": {"s": "x"}}), &["a", "n"]),
            value!({"a": {"s": "x", "n": null}})
        );
        assert_eq!(
            nulled(value!({"a": {"n": 1}}), &["a", "s"]),
            value!({"a": null})
        );
        assert_eq!(
            nulled(value!({"a": {"as": [{}]}}), &["a", "as", "0", "s"]),
            value!({"a": null})
        );
        assert_eq!(
            nulled(
                value!({"a": {"many": [{"s": "x"}, {}]}}),
                &["a", "many", "1", "s"]
            ),
            value!({"a": {"many": [{"s": "x"}, null]}})
        );
        assert_eq!(
            nulled(
                value!({"a": {"many": [{"s": "x", "a": {}}]}}),
                &["a", "many", "0", "a", "s"]
            ),
            value!({"a": {"many": [{"s": "x", "a": null}]}})
        );
        assert_eq!(
            nulled(value!({"a": {"n": 1}, "b": {}}), &["b", "s"]),
            Value::Null
        );
        // What another failure made null stays so.
        assert_eq!(
            nulled(value!({"a": null}), &["a", "s"]),
            value!({"a": null})
        );
        assert_eq!(nulled(Value::Null, &["a", "s"]), Value::Null);
    }

    #[test]
    fn fields_that_give_the_same_object_are_found_through_fragments() {
        let merged = |query: &str| {
            let mut merged: Vec<usize> = shape(query)
                .merged_fields()
                .iter()
                .map(|pos| pos.column)
                .collect();
            merged.sort_unstable();
            merged
        };
        assert_eq!(merged("{ a { n n s } b { a { n } } }"), [0; 0]);
        assert_eq!(merged("{ a { n } a { s } }"), [3, 11]);
        assert_eq!(
            merged("{ x: a { a { n } } ...F } fragment F on Query { x: a { n a { s } } }"),
            [3, 10, 49, 58]
        );
    }

    #[test]
    fn fields_are_in_the_order_of_the_selection() {
        let shape = shape("{ a { s ...F n } } fragment F on A { id ... { a { n } } s ...F }");
        let keys: Vec<&str> = shape
            .field("a")
            .expect("selected")
            .keys()
            .map(Name::as_str)
            .collect();
        assert_eq!(keys, ["s", "id", "a", "n"]);
    }
}
