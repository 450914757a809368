//! A selection on spans as the list of what to write.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    indexmap::{IndexMap, map::Entry},
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
};
use orcheo_store::models::spans::SpanParts;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// What to write of each span, in order, each with its response key as JSON and a colon.
#[derive(Debug, PartialEq)]
pub(super) struct SpanPlan(pub(super) Vec<(Vec<u8>, SpanField)>);

/// What to write of each edge.
#[derive(Debug, PartialEq)]
pub(super) struct EdgePlan(pub(super) Vec<(Vec<u8>, EdgeField)>);

/// The fields of `SpanEdge`.
#[derive(Debug, PartialEq)]
pub(super) enum EdgeField {
    Typename,
    Cursor,
    Node(SpanPlan),
}

/// The fields of `Span` that its row, or a read of many rows at once, gives.
#[derive(Debug, PartialEq)]
pub(super) enum SpanField {
    Typename,
    Id,
    SpanId,
    TraceId,
    ParentSpanId,
    Revision,
    ChildCount,
    DescendantCount,
    Name,
    Kind,
    Category,
    State,
    Status(Vec<(Vec<u8>, StatusField)>),
    NodeId,
    NodeType,
    DisplayName,
    Attempt,
    Iteration,
    StartTime,
    EndTime,
    DurationMs,
    StartOffsetMs,
    Attributes,
    Input,
    Output,
    Events(Vec<(Vec<u8>, EventField)>),
    Links(Vec<(Vec<u8>, LinkField)>),
    Marks(Vec<(Vec<u8>, MarkField)>),
    TokenUsage(Vec<(Vec<u8>, UsageField)>),
    SubtreeTokenUsage(Vec<(Vec<u8>, UsageField)>),
}

/// The fields of `SpanStatus`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum StatusField {
    Typename,
    Code,
    Message,
}

/// The fields of `SpanEvent`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum EventField {
    Typename,
    Name,
    Time,
    OffsetMs,
    Attributes,
    DroppedAttributesCount,
}

/// The fields of `SpanLink`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum LinkField {
    Typename,
    TraceId,
    SpanId,
    TraceState,
    Attributes,
    DroppedAttributesCount,
}

/// The fields of `SpanMark`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum MarkField {
    Typename,
    Kind,
    OffsetMs,
    Name,
}

/// The fields of `TokenUsage`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum UsageField {
    Typename,
    Input,
    Output,
    Total,
    CacheRead,
    CacheWrite,
    Reasoning,
    CostUsd,
    Unpriced,
    Counted,
    UncountedReason,
}

/// What a plan needs besides the columns that every row has.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Needs {
    pub(super) parts: SpanParts,
    pub(super) child_counts: bool,
    pub(super) subtrees: bool,
}

impl EdgePlan {
    /// The plan of a selection on `SpanEdge`; `None` when it selects something that is not known here.
    pub(super) fn of(set: &SelectionSet, fragments: &Fragments) -> Option<Self> {
        let fields = collect(&[set], &["SpanEdge"], fragments)?;
        fields
            .iter()
            .map(|(key, same)| {
                let field = match name(same) {
                    "__typename" => EdgeField::Typename,
                    "cursor" => EdgeField::Cursor,
                    "node" => EdgeField::Node(SpanPlan::of_sets(&sets(same), fragments)?),
                    _ => return None,
                };
                Some((json_key(key), field))
            })
            .collect::<Option<_>>()
            .map(Self)
    }

    /// The needs of all its nodes.
    pub(super) fn needs(&self) -> Needs {
        self.0
            .iter()
            .fold(Needs::default(), |needs, (_, field)| match field {
                EdgeField::Node(plan) => needs.and(plan.needs()),
                EdgeField::Typename | EdgeField::Cursor => needs,
            })
    }
}

impl SpanPlan {
    /// The plan of a selection on `Span`; `None` when it selects something that is not known here.
    pub(super) fn of(set: &SelectionSet, fragments: &Fragments) -> Option<Self> {
        Self::of_sets(&[set], fragments)
    }

    fn of_sets(sets: &[&SelectionSet], fragments: &Fragments) -> Option<Self> {
        let fields = collect(sets, &["Span", "Node"], fragments)?;
        fields
            .iter()
            .map(|(key, same)| Some((json_key(key), SpanField::of(same, fragments)?)))
            .collect::<Option<_>>()
            .map(Self)
    }

    pub(super) fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for (_, field) in &self.0 {
            match field {
                SpanField::Attributes => needs.parts.attributes = true,
                SpanField::Input | SpanField::Output => needs.parts.payload = true,
                SpanField::Events(_) | SpanField::Links(_) => needs.parts.events = true,
                SpanField::Marks(_) => needs.parts.moments = true,
                SpanField::TokenUsage(_) => needs.parts.usage = true,
                SpanField::ChildCount => needs.child_counts = true,
                SpanField::DescendantCount | SpanField::SubtreeTokenUsage(_) => {
                    needs.subtrees = true;
                }
                _ => {}
            }
        }
        needs
    }
}

impl Needs {
    fn and(self, other: Self) -> Self {
        Self {
            parts: self.parts.union(other.parts),
            child_counts: self.child_counts || other.child_counts,
            subtrees: self.subtrees || other.subtrees,
        }
    }
}

impl SpanField {
    fn of(same: &[&Field], fragments: &Fragments) -> Option<Self> {
        Some(match name(same) {
            "__typename" => Self::Typename,
            "id" => Self::Id,
            "spanId" => Self::SpanId,
            "traceId" => Self::TraceId,
            "parentSpanId" => Self::ParentSpanId,
            "revision" => Self::Revision,
            "childCount" => Self::ChildCount,
            "descendantCount" => Self::DescendantCount,
            "name" => Self::Name,
            "kind" => Self::Kind,
            "category" => Self::Category,
            "state" => Self::State,
            "status" => Self::Status(leaves(same, "SpanStatus", fragments, StatusField::of)?),
            "nodeId" => Self::NodeId,
            "nodeType" => Self::NodeType,
            "displayName" => Self::DisplayName,
            "attempt" => Self::Attempt,
            "iteration" => Self::Iteration,
            "startTime" => Self::StartTime,
            "endTime" => Self::EndTime,
            "durationMs" => Self::DurationMs,
            "startOffsetMs" => Self::StartOffsetMs,
            "attributes" => Self::Attributes,
            "input" => Self::Input,
            "output" => Self::Output,
            "events" => Self::Events(leaves(same, "SpanEvent", fragments, EventField::of)?),
            "links" => Self::Links(leaves(same, "SpanLink", fragments, LinkField::of)?),
            "marks" => Self::Marks(leaves(same, "SpanMark", fragments, MarkField::of)?),
            "tokenUsage" => {
                Self::TokenUsage(leaves(same, "TokenUsage", fragments, UsageField::of)?)
            }
            "subtreeTokenUsage" => {
                Self::SubtreeTokenUsage(leaves(same, "TokenUsage", fragments, UsageField::of)?)
            }
            _ => return None,
        })
    }
}

impl StatusField {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "__typename" => Self::Typename,
            "code" => Self::Code,
            "message" => Self::Message,
            _ => return None,
        })
    }
}

impl EventField {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "__typename" => Self::Typename,
            "name" => Self::Name,
            "time" => Self::Time,
            "offsetMs" => Self::OffsetMs,
            "attributes" => Self::Attributes,
            "droppedAttributesCount" => Self::DroppedAttributesCount,
            _ => return None,
        })
    }
}

impl LinkField {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "__typename" => Self::Typename,
            "traceId" => Self::TraceId,
            "spanId" => Self::SpanId,
            "traceState" => Self::TraceState,
            "attributes" => Self::Attributes,
            "droppedAttributesCount" => Self::DroppedAttributesCount,
            _ => return None,
        })
    }
}

impl MarkField {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "__typename" => Self::Typename,
            "kind" => Self::Kind,
            "offsetMs" => Self::OffsetMs,
            "name" => Self::Name,
            _ => return None,
        })
    }
}

impl UsageField {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "__typename" => Self::Typename,
            "input" => Self::Input,
            "output" => Self::Output,
            "total" => Self::Total,
            "cacheRead" => Self::CacheRead,
            "cacheWrite" => Self::CacheWrite,
            "reasoning" => Self::Reasoning,
            "costUsd" => Self::CostUsd,
            "unpriced" => Self::Unpriced,
            "counted" => Self::Counted,
            "uncountedReason" => Self::UncountedReason,
            _ => return None,
        })
    }
}

/// The plan of an object that has leaves only.
fn leaves<T>(
    same: &[&Field],
    ty: &str,
    fragments: &Fragments,
    leaf: impl Fn(&str) -> Option<T>,
) -> Option<Vec<(Vec<u8>, T)>> {
    let fields = collect(&sets(same), &[ty], fragments)?;
    fields
        .iter()
        .map(|(key, same)| Some((json_key(key), leaf(name(same))?)))
        .collect()
}

/// The fields of each response key, in the order of the first of each; several give one value together. `None` for what this
/// module cannot decide.
fn collect<'q>(
    sets: &[&'q SelectionSet],
    types: &[&str],
    fragments: &'q Fragments,
) -> Option<IndexMap<&'q Name, Vec<&'q Field>>> {
    let mut fields = IndexMap::new();
    for set in sets {
        collect_into(set, types, fragments, &mut fields)?;
    }
    Some(fields)
}

fn collect_into<'q>(
    set: &'q SelectionSet,
    types: &[&str],
    fragments: &'q Fragments,
    fields: &mut IndexMap<&'q Name, Vec<&'q Field>>,
) -> Option<()> {
    for selection in &set.items {
        // `@skip` and `@include` are applied before; other directives are for the resolvers.
        if !selection.node.directives().is_empty() {
            return None;
        }
        let (condition, set) = match &selection.node {
            Selection::Field(field) => {
                match fields.entry(&field.node.response_key().node) {
                    Entry::Vacant(entry) => drop(entry.insert(vec![&field.node])),
                    Entry::Occupied(mut entry) => entry.get_mut().push(&field.node),
                }
                continue;
            }
            Selection::InlineFragment(fragment) => (
                fragment.node.type_condition.as_ref(),
                &fragment.node.selection_set,
            ),
            Selection::FragmentSpread(spread) => {
                let fragment = fragments.get(&spread.node.fragment_name.node)?;
                (
                    Some(&fragment.node.type_condition),
                    &fragment.node.selection_set,
                )
            }
        };
        if condition.is_some_and(|condition| !types.contains(&condition.node.on.node.as_str())) {
            return None;
        }
        collect_into(&set.node, types, fragments, fields)?;
    }
    Some(())
}

fn name<'q>(same: &[&'q Field]) -> &'q str {
    same.first().map_or("", |field| field.name.node.as_str())
}

fn sets<'q>(same: &[&'q Field]) -> Vec<&'q SelectionSet> {
    same.iter().map(|field| &field.selection_set.node).collect()
}

/// GraphQL names need no escapes.
fn json_key(key: &Name) -> Vec<u8> {
    format!("\"{key}\":").into_bytes()
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{parse_query, types::DocumentOperations};

    use super::*;

    fn plan(query: &str) -> Option<Vec<String>> {
        let document = parse_query(query).expect("a query");
        let DocumentOperations::Single(operation) = &document.operations else {
            panic!("one operation")
        };
        let plan = SpanPlan::of(&operation.node.selection_set.node, &document.fragments)?;
        let key = |key: Vec<u8>| {
            String::from_utf8_lossy(&key)
                .trim_matches(['"', ':'])
                .to_owned()
        };
        Some(
            plan.0
                .into_iter()
                .map(|(name, field)| format!("{}={field:?}", key(name)))
                .collect(),
        )
    }

    #[test]
    fn aliases_and_fragments_are_planned_in_order_and_once() {
        let planned = plan(
            "{ a: name ...F ... { spanId } ... on Node { id } a: name } fragment F on Span { state a: name }",
        );
        assert_eq!(
            planned.expect("a plan"),
            ["a=Name", "state=State", "spanId=SpanId", "id=Id"]
        );
    }

    #[test]
    fn parts_of_one_object_become_one() {
        let document = parse_query("{ status { code } name status { message } }").expect("a query");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let plan =
            SpanPlan::of(&operation.node.selection_set.node, &document.fragments).expect("a plan");
        let status = vec![
            (b"\"code\":".to_vec(), StatusField::Code),
            (b"\"message\":".to_vec(), StatusField::Message),
        ];
        assert_eq!(
            plan.0,
            [
                (b"\"status\":".to_vec(), SpanField::Status(status)),
                (b"\"name\":".to_vec(), SpanField::Name)
            ]
        );
    }

    #[test]
    fn everything_on_a_row_of_a_trace_view_is_planned() {
        let query = "{ __typename id spanId traceId parentSpanId revision childCount descendantCount name kind category state
            status { __typename code message } nodeId nodeType displayName attempt iteration startTime endTime durationMs
            startOffsetMs attributes input output tokenUsage { input output total cacheRead cacheWrite reasoning costUsd unpriced counted uncountedReason }
            subtreeTokenUsage { total counted } events { __typename name time offsetMs attributes droppedAttributesCount }
            links { __typename traceId spanId traceState attributes droppedAttributesCount }
            marks { __typename kind offsetMs name } }";
        assert_eq!(plan(query).map(|fields| fields.len()), Some(30));
    }

    #[test]
    fn what_is_not_known_is_left_to_the_resolvers() {
        for query in [
            "{ children { nodes { name } } }",
            "{ parent { name } }",
            "{ artifacts { name } }",
            "{ name @unknown }",
            "{ ... on Execution { id } }",
            "{ ...Missing }",
            "{ status { nonsense } }",
        ] {
            assert_eq!(plan(query), None, "{query}");
        }
    }

    #[test]
    fn needs_are_those_of_the_fields() {
        let document = parse_query("{ cursor node { attributes childCount } }").expect("a query");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let plan =
            EdgePlan::of(&operation.node.selection_set.node, &document.fragments).expect("a plan");
        assert_eq!(
            plan.needs(),
            Needs {
                parts: SpanParts::ATTRIBUTES,
                child_counts: true,
                subtrees: false
            }
        );
    }
}
