//! Links from an execution to dashboards that show the same trace.

use std::str::FromStr;

use orcheo_store::{
    ExecutionId, ExecutionStatus, SpanId, TraceId, models::executions::ExecutionState,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A link to a dashboard that shows a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTemplate {
    name: String,
    /// Each variable with the text before it.
    parts: Vec<(String, Variable)>,
    rest: String,
}

/// A link template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLink {
    #[error("{0:?} is no link: write Name=https://…/{{trace_id}}")]
    Form(String),
    #[error(
        "the link {link:?} has an unknown variable {{{variable}}}; there are {}",
        names()
    )]
    Unknown { link: String, variable: String },
    #[error("the link {0:?} names no trace: use {{trace_id}}")]
    NoTrace(String),
}

/// What a template can say of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variable {
    TraceId,
    TraceIdDecimal,
    RootSpanId,
    ExecutionId,
    WorkflowId,
    ThreadId,
    StartMs,
    EndMs,
    StartS,
    EndS,
}

const VARIABLES: [(&str, Variable); 10] = [
    ("trace_id", Variable::TraceId),
    ("trace_id_decimal", Variable::TraceIdDecimal),
    ("root_span_id", Variable::RootSpanId),
    ("execution_id", Variable::ExecutionId),
    ("workflow_id", Variable::WorkflowId),
    ("thread_id", Variable::ThreadId),
    ("start_ms", Variable::StartMs),
    ("end_ms", Variable::EndMs),
    ("start_s", Variable::StartS),
    ("end_s", Variable::EndS),
];

fn names() -> String {
    VARIABLES.map(|(name, _)| format!("{{{name}}}")).join(", ")
}

impl FromStr for LinkTemplate {
    type Err = InvalidLink;

    /// Reads `Name=https://…/{trace_id}`. Braces around anything but a lower-case name are part of the address.
    fn from_str(text: &str) -> Result<Self, InvalidLink> {
        let form = || InvalidLink::Form(text.to_owned());
        let (name, url) = text.split_once('=').ok_or_else(form)?;
        let (name, url) = (name.trim(), url.trim());
        let web = url.starts_with("https://") || url.starts_with("http://");
        if name.is_empty() || !web {
            return Err(form());
        }
        let (mut parts, mut before, mut rest) = (Vec::new(), String::new(), url);
        while let Some((head, tail)) = rest.split_once('{') {
            before.push_str(head);
            let named = tail.split_once('}').filter(|(name, _)| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
            });
            let Some((variable, tail)) = named else {
                before.push('{');
                rest = tail;
                continue;
            };
            let known = VARIABLES.iter().find(|(name, _)| *name == variable);
            let (_, known) = known.ok_or_else(|| InvalidLink::Unknown {
                link: text.to_owned(),
                variable: variable.to_owned(),
            })?;
            parts.push((std::mem::take(&mut before), *known));
            rest = tail;
        }
        // A link that is the same for all executions of a workflow leads to none of them.
        let of_trace = |(_, variable): &(String, Variable)| {
            use Variable::{ExecutionId, RootSpanId, ThreadId, TraceId, TraceIdDecimal};
            [TraceId, TraceIdDecimal, RootSpanId, ExecutionId, ThreadId].contains(variable)
        };
        if !parts.iter().any(of_trace) {
            return Err(InvalidLink::NoTrace(text.to_owned()));
        }
        Ok(Self {
            name: name.to_owned(),
            parts,
            rest: before + rest,
        })
    }
}

impl LinkTemplate {
    /// The dashboard's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address for one execution; `None` where the execution lacks what the address needs, such as a thread.
    pub fn url(&self, state: &ExecutionState) -> Option<String> {
        self.fill(&Facts::of(state))
    }

    fn fill(&self, facts: &Facts<'_>) -> Option<String> {
        let mut url = String::new();
        for (before, variable) in &self.parts {
            url.push_str(before);
            url.push_str(&facts.text(*variable)?);
        }
        Some(url + &self.rest)
    }
}

/// What links are filled with.
#[derive(Debug, Clone, Copy)]
struct Facts<'a> {
    trace_id: TraceId,
    root_span_id: Option<SpanId>,
    execution_id: ExecutionId,
    workflow_id: Option<&'a str>,
    thread_id: Option<&'a str>,
    start_ns: i64,
    end_ns: i64,
}

impl<'a> Facts<'a> {
    fn of(ExecutionState { execution, rollup }: &'a ExecutionState) -> Self {
        let start_ns = rollup.start_ns.or(execution.started_ns);
        let goes_on = matches!(
            execution.status,
            ExecutionStatus::Queued | ExecutionStatus::Running
        );
        let end_ns = rollup.end_ns.max(execution.finished_ns);
        let now = || chrono::Utc::now().timestamp_nanos_opt();
        Self {
            trace_id: execution.trace_id,
            root_span_id: execution.root_span_id,
            execution_id: execution.execution_id,
            workflow_id: execution.workflow_id.as_deref(),
            thread_id: execution.thread_id.as_deref(),
            start_ns: start_ns.unwrap_or(execution.queued_ns),
            end_ns: end_ns.filter(|_| !goes_on).or_else(now).unwrap_or(i64::MAX),
        }
    }

    fn text(&self, variable: Variable) -> Option<String> {
        const MS: i64 = 1_000_000;
        const S: i64 = 1_000 * MS;
        // A range that is too short would leave spans out.
        let up = |unit| self.end_ns.div_euclid(unit).saturating_add(1).to_string();
        let down = |unit| self.start_ns.div_euclid(unit).to_string();
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        Some(match variable {
            Variable::TraceId => self.trace_id.to_string(),
            Variable::TraceIdDecimal => {
                let [.., a, b, c, d, e, f, g, h] = self.trace_id.0;
                u64::from_be_bytes([a, b, c, d, e, f, g, h]).to_string()
            }
            Variable::RootSpanId => self.root_span_id?.to_string(),
            Variable::ExecutionId => self.execution_id.to_string(),
            Variable::WorkflowId => encoded(self.workflow_id?),
            Variable::ThreadId => encoded(self.thread_id?),
            Variable::StartMs => down(MS),
            Variable::EndMs => up(MS),
            Variable::StartS => down(S),
            Variable::EndS => up(S),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts<'static> {
        Facts {
            trace_id: "0af7651916cd43dd8448eb211c80319c".parse().expect("an id"),
            root_span_id: Some("b7ad6b7169203331".parse().expect("an id")),
            execution_id: "0198c0de-0000-7000-8000-000000000001"
                .parse()
                .expect("an id"),
            workflow_id: Some("support triage"),
            thread_id: Some("a/b"),
            start_ns: 1_767_225_600_123_456_789,
            end_ns: 1_767_225_601_000_000_001,
        }
    }

    fn url(link: &str, facts: &Facts<'_>) -> Option<String> {
        let link: LinkTemplate = link.parse().expect("a link");
        link.fill(facts)
    }

    #[test]
    fn every_variable_is_filled_in() {
        let all = VARIABLES.map(|(name, _)| format!("{name}={{{name}}}"));
        let filled = url(&format!("All=http://x/?{}", all.join("&")), &facts());
        let expected = "http://x/?trace_id=0af7651916cd43dd8448eb211c80319c&trace_id_decimal=9532127138774266268\
            &root_span_id=b7ad6b7169203331&execution_id=0198c0de-0000-7000-8000-000000000001\
            &workflow_id=support%20triage&thread_id=a%2Fb&start_ms=1767225600123&end_ms=1767225601001\
            &start_s=1767225600&end_s=1767225602";
        assert_eq!(filled.as_deref(), Some(expected));
    }

    #[test]
    fn a_link_that_needs_what_is_not_there_is_left_out() {
        let without = Facts {
            thread_id: None,
            ..facts()
        };
        assert_eq!(url("Session=https://x/{thread_id}", &without), None);
    }

    #[test]
    fn other_braces_are_part_of_the_address() {
        let link = r#"G=https://g/?left={"a":{"b":"{trace_id}"},"c":{}}"#;
        let expected = r#"https://g/?left={"a":{"b":"0af7651916cd43dd8448eb211c80319c"},"c":{}}"#;
        assert_eq!(url(link, &facts()).as_deref(), Some(expected));
    }

    #[test]
    fn what_is_no_link_is_refused() {
        for (text, says) in [
            ("", "is no link"),
            ("x", "is no link"),
            ("=http://a/{trace_id}", "is no link"),
            ("A=javascript:{trace_id}", "is no link"),
            ("A=http://a/", "names no trace"),
            ("A=http://a/{workflow_id}?{start_ms}", "names no trace"),
            (
                "A=http://a/{trace_id}/{span}",
                "unknown variable {span}; there are {trace_id}, ",
            ),
        ] {
            let message = text.parse::<LinkTemplate>().expect_err(text).to_string();
            assert!(message.contains(says), "{message}");
        }
    }

    /// The examples of the documentation, each with what it becomes.
    #[test]
    fn the_documented_links_are_links() {
        let page = include_str!("../../docs/configuration.md");
        let (_, list) = page.split_once("external_links = [\n").expect("a list");
        let (list, _) = list.split_once("\n]\n").expect("its end");
        let links = list.lines().map(|line| {
            let link = line.trim().trim_end_matches(',').trim_matches('"');
            let (name, _) = link.split_once('=').expect("a name");
            format!("{name} {}", url(link, &facts()).expect("all is known"))
        });
        insta::assert_snapshot!(links.collect::<Vec<_>>().join("\n"));
    }
}
