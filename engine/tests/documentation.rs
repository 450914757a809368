//! `docs/workflows.md` tells the truth: its examples do what it says, and it leaves out no node type and no parameter.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/page.rs"]
mod page;
mod support;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use orcheo_engine::{
    ArtifactError, ArtifactRef, ArtifactSink, NewArtifact, NodeCatalog, NodeDefinition, RunStatus,
    Workflow, WorkflowSource, WorkflowSourceError,
};
use page::{Example, Kind, Section};
use schemars::schema_for;
use serde_json::{Map, Value};
use support::Case;

const PAGE: &str = include_str!("../../docs/workflows.md");

#[test]
fn every_example_is_valid_or_has_the_problems_it_is_shown_for() {
    for example in page::sections(PAGE)
        .iter()
        .flat_map(|section| &section.examples)
    {
        let Example { line, source, .. } = example;
        let problems = Workflow::parse(source, "example")
            .map_or_else(|problems| problems.to_string(), |_| String::new());
        let expected = example.problems.as_deref().unwrap_or_default();
        assert_eq!(
            problems,
            expected.trim_end(),
            "the example in line {line} of the page"
        );
        assert_eq!(
            example.kind == Kind::Refused,
            !problems.is_empty(),
            "line {line}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_example_ends_with_the_outputs_and_the_trace_that_it_is_shown_with() {
    let sections = page::sections(PAGE);
    let examples = || sections.iter().flat_map(|section| &section.examples);
    let library = Arc::new(Library::of(examples()));
    for example in examples() {
        let expected = match example.kind {
            Kind::Succeeds => RunStatus::Succeeded,
            Kind::Fails => RunStatus::Failed,
            Kind::Network | Kind::Refused => continue,
        };
        let line = example.line;
        let mut case = Case::new(&example.source);
        case.artifacts = Arc::new(Shelf);
        case.workflows = Arc::clone(&library) as Arc<dyn WorkflowSource>;
        let finished = case.run().await;
        let outcome = finished.outcome;
        assert_eq!(
            outcome.status, expected,
            "the example in line {line} of the page: {:?}",
            outcome.error
        );
        if let Some(outputs) = &example.outputs {
            assert_eq!(
                &outcome.outputs, outputs,
                "the outputs of the example in line {line}"
            );
        }
        if let Some(trace) = &example.trace {
            assert_eq!(
                &finished.trace.draw(),
                trace,
                "the trace of the example in line {line}"
            );
        }
    }
}

#[test]
fn every_type_has_a_section_with_an_example_and_no_other_has() {
    let sections = page::sections(PAGE);
    let mut titles: BTreeSet<&str> = sections
        .iter()
        .map(|section| section.title)
        .filter(|title| title.ends_with("Node") || title.ends_with("Edge"))
        .collect();
    for name in types().map(|(name, _)| name) {
        assert!(titles.remove(name), "{name} has no section");
        let section = section(&sections, name);
        let shown = section
            .examples
            .iter()
            .filter(|example| matches!(example.kind, Kind::Succeeds | Kind::Network))
            .any(|example| uses(&example.definition(), name));
        assert!(shown, "{name} has no example in its section");
    }
    assert!(titles.is_empty(), "sections without a type: {titles:?}");
}

#[test]
fn every_spelling_of_a_decider_is_told() {
    let sections = page::sections(PAGE);
    for decider in NodeCatalog::deciders().iter() {
        let text = &section(&sections, decider.name).text;
        for alias in decider.aliases {
            assert!(
                text.contains(&format!("`{alias}`")),
                "{} does not tell of {alias}",
                decider.name
            );
        }
    }
}

#[test]
fn every_parameter_is_told_with_its_type_and_default() {
    let sections = page::sections(PAGE);
    let mut missing = Vec::new();
    for (name, schema) in types() {
        missing.extend(untold(&schema, section(&sections, name)));
    }
    let common = schema_for!(NodeDefinition).to_value();
    missing.extend(untold(&common, section(&sections, "Nodes")));
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Node types and deciders, each under its own name, with the schema of its parameters.
fn types() -> impl Iterator<Item = (&'static str, Value)> {
    let deciders: Vec<_> = NodeCatalog::deciders().iter().cloned().collect();
    assert!(!deciders.is_empty());
    let nodes: Vec<_> = NodeCatalog::builtin().iter().cloned().collect();
    nodes
        .into_iter()
        .chain(deciders)
        .map(|node_type| (node_type.name, node_type.schema))
}

fn section<'s, 'p>(sections: &'s [Section<'p>], title: &str) -> &'s Section<'p> {
    sections
        .iter()
        .find(|section| section.title == title)
        .unwrap_or_else(|| panic!("there is no section {title}"))
}

fn uses(definition: &Value, kind: &str) -> bool {
    match definition {
        Value::Object(entries) => {
            entries.get("type").is_some_and(|name| name == kind)
                || entries.values().any(|entry| uses(entry, kind))
        }
        Value::Array(items) => items.iter().any(|item| uses(item, kind)),
        _ => false,
    }
}

/// What a schema says and a section does not: rows of its tables, and values to choose from.
fn untold(schema: &Value, section: &Section<'_>) -> Vec<String> {
    let definitions = schema["$defs"].as_object();
    let parts = definitions.into_iter().flat_map(Map::values);
    let mut missing = Vec::new();
    for part in std::iter::once(schema).chain(parts) {
        let required: Vec<&str> = strings(&part["required"]).collect();
        for (name, parameter) in part["properties"].as_object().into_iter().flatten() {
            let kind = kind(parameter, schema);
            let default = match parameter.get("default") {
                _ if required.contains(&name.as_str()) => "required".to_owned(),
                Some(default) => format!("`{}`", plain(default)),
                None => "–".to_owned(),
            };
            let row = format!("| `{name}` | {kind} | {default} | ");
            if !section.lines().any(|line| line.starts_with(&row)) {
                missing.push(format!("{} lacks {row}", section.title));
            }
        }
        for choice in choices(part) {
            let choice = format!("`{choice}`");
            if !section.lines().any(|line| line.contains(&choice)) {
                missing.push(format!("{} lacks {choice}", section.title));
            }
        }
    }
    missing
}

/// The type of a parameter in the page's words.
fn kind(parameter: &Value, schema: &Value) -> String {
    let alternatives = parameter["anyOf"].as_array().into_iter().flatten();
    let parameter = alternatives
        .chain([parameter])
        .find_map(|one| one["$ref"].as_str())
        .and_then(|reference| schema.pointer(reference.trim_start_matches('#')))
        .unwrap_or(parameter);
    if choices(parameter).next().is_some() {
        return "choice".to_owned();
    }
    let types = strings(&parameter["type"]);
    let word = match types.into_iter().find(|name| *name != "null") {
        None => "any",
        Some("string") => "text",
        Some("boolean") => "true or false",
        Some("array") => "list",
        Some("object") => "object",
        Some("number") => "number",
        Some("integer") => "whole number",
        Some(other) => panic!("the page has no word for {other}"),
    };
    let limit = |name: &str| parameter.get(name).map(plain);
    match (limit("minimum"), limit("maximum")) {
        (Some(minimum), Some(maximum)) => format!("{word}, {minimum}–{maximum}"),
        (Some(minimum), None) => format!("{word}, at least {minimum}"),
        _ => word.to_owned(),
    }
}

/// A whole number as one, however the schema writes it.
fn plain(value: &Value) -> String {
    let text = value.to_string();
    match text.strip_suffix(".0") {
        Some(whole) if value.is_number() => whole.to_owned(),
        _ => text,
    }
}

fn choices(schema: &Value) -> impl Iterator<Item = &str> {
    let alternatives = schema["oneOf"].as_array().into_iter().flatten();
    alternatives.chain([schema]).flat_map(|one| {
        let constant = one["const"].as_str();
        constant.into_iter().chain(strings(&one["enum"]))
    })
}

/// A text, or those of a list.
fn strings(value: &Value) -> impl Iterator<Item = &str> {
    let items = value.as_array().into_iter().flatten();
    items.chain([value]).filter_map(Value::as_str)
}

/// Takes every file and keeps none.
struct Shelf;

#[async_trait::async_trait]
impl ArtifactSink for Shelf {
    async fn put(&self, artifact: NewArtifact) -> Result<ArtifactRef, ArtifactError> {
        Ok(ArtifactRef {
            id: artifact.name,
            size_bytes: artifact.bytes.len() as u64,
            sha256: String::new(),
        })
    }
}

/// The page's own workflows, for those that run another one.
struct Library(HashMap<String, Arc<Workflow>>);

impl Library {
    fn of<'e>(examples: impl Iterator<Item = &'e Example>) -> Self {
        let workflows = examples.filter_map(|example| Workflow::parse(&example.source, "").ok());
        Self(
            workflows
                .map(|workflow| (workflow.id.clone(), Arc::new(workflow)))
                .collect(),
        )
    }
}

#[async_trait::async_trait]
impl WorkflowSource for Library {
    async fn load(
        &self,
        id: &str,
        _version: Option<i32>,
    ) -> Result<Arc<Workflow>, WorkflowSourceError> {
        let found = self.0.get(id).map(Arc::clone);
        found.ok_or(WorkflowSourceError::NotFound)
    }
}
