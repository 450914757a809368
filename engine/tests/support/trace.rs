//! A finished trace, its invariants, and its drawing.

use std::collections::HashMap;
use std::fmt::Write as _;

use opentelemetry::Value;
use opentelemetry::trace::{SpanId, Status};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use orcheo_engine::attributes as key;

#[derive(Debug)]
pub struct Trace {
    /// By start, parents first.
    pub spans: Vec<SpanData>,
}

impl Trace {
    /// The spans an exporter got, checked for what holds of every trace.
    pub fn of(exporter: &InMemorySpanExporter) -> Self {
        let mut spans = ended_spans(exporter);
        spans.sort_by_key(|span| span.start_time);
        let trace = Self { spans };
        trace.check();
        trace
    }

    fn check(&self) {
        let by_id: HashMap<SpanId, &SpanData> = self
            .spans
            .iter()
            .map(|span| (span.span_context.span_id(), span))
            .collect();
        assert_eq!(by_id.len(), self.spans.len(), "a span ended twice");
        for span in &self.spans {
            assert!(
                span.start_time <= span.end_time,
                "{} ends before it starts",
                span.name
            );
            if let Some(parent) = by_id.get(&span.parent_span_id) {
                assert!(
                    parent.start_time <= span.start_time,
                    "{} starts before {}",
                    span.name,
                    parent.name
                );
                assert!(
                    span.end_time <= parent.end_time,
                    "{} ends after {}",
                    span.name,
                    parent.name
                );
            } else if span.parent_span_id != SpanId::INVALID {
                assert!(
                    span.parent_span_is_remote,
                    "the parent of {} never ended",
                    span.name
                );
            }
            let failed = matches!(span.status, Status::Error { .. });
            assert_eq!(
                failed,
                attribute(span, key::ERROR_TYPE).is_some(),
                "{} is half failed",
                span.name
            );
        }
    }

    /// One line a span: name, `#iteration` and `attempt` beyond the first, how it ended.
    pub fn draw(&self) -> String {
        let mut text = String::new();
        let known = |id| {
            self.spans
                .iter()
                .any(|span| span.span_context.span_id() == id)
        };
        for root in self.spans.iter().filter(|span| !known(span.parent_span_id)) {
            self.draw_below(root, 0, &mut text);
        }
        text
    }

    fn draw_below(&self, span: &SpanData, depth: usize, text: &mut String) {
        let number = |key| {
            attribute(span, key).and_then(|value| match value {
                Value::I64(number) if *number > 1 => Some(*number),
                _ => None,
            })
        };
        write!(text, "{:indent$}{}", "", span.name, indent = depth * 2).unwrap();
        number(key::NODE_ITERATION)
            .iter()
            .for_each(|iteration| write!(text, " #{iteration}").unwrap());
        number(key::NODE_ATTEMPT)
            .iter()
            .for_each(|attempt| write!(text, " attempt {attempt}").unwrap());
        let status =
            attribute(span, key::NODE_STATUS).or_else(|| attribute(span, key::EXECUTION_STATUS));
        let status = status.map(|status| status.as_str().into_owned());
        let ended = match &span.status {
            Status::Ok => "succeeded",
            Status::Error { .. } => "failed",
            Status::Unset => "unset",
        };
        let code = attribute(span, key::ERROR_CODE)
            .map(|code| format!(" {code}"))
            .unwrap_or_default();
        writeln!(text, ": {}{}", status.as_deref().unwrap_or(ended), code).unwrap();
        for child in self
            .spans
            .iter()
            .filter(|child| child.parent_span_id == span.span_context.span_id())
        {
            self.draw_below(child, depth + 1, text);
        }
    }

    /// Compares the drawing with one that may be indented as a whole.
    #[track_caller]
    pub fn assert(&self, expected: &str) {
        let lines: Vec<&str> = expected
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let margin = lines
            .iter()
            .map(|line| line.len() - line.trim_start().len())
            .min()
            .unwrap_or(0);
        let expected: String = lines
            .iter()
            .map(|line| format!("{}\n", &line[margin..]))
            .collect();
        let actual = self.draw();
        assert!(
            actual == expected,
            "the trace is\n{actual}and not\n{expected}"
        );
    }

    /// The spans of this name, by start.
    pub fn named(&self, name: &str) -> Vec<&SpanData> {
        self.spans.iter().filter(|span| span.name == name).collect()
    }

    #[track_caller]
    pub fn one(&self, name: &str) -> &SpanData {
        match self.named(name).as_slice() {
            [span] => span,
            several => panic!("{} spans are named {name}:\n{}", several.len(), self.draw()),
        }
    }

    /// A JSON attribute.
    #[track_caller]
    pub fn json(&self, name: &str, key: &str) -> serde_json::Value {
        let value = attribute(self.one(name), key).unwrap_or_else(|| panic!("{name} has no {key}"));
        serde_json::from_str(&value.as_str()).unwrap()
    }

    /// Everything the trace says, for looking for what it must not say.
    pub fn text(&self) -> String {
        format!("{:?}", self.spans)
    }
}

/// The spans that have ended so far.
pub fn ended_spans(exporter: &InMemorySpanExporter) -> Vec<SpanData> {
    exporter.get_finished_spans().unwrap()
}

/// The attribute's last value, as it counts.
pub fn attribute<'s>(span: &'s SpanData, key: &str) -> Option<&'s Value> {
    span.attributes
        .iter()
        .rev()
        .find(|attribute| attribute.key.as_str() == key)
        .map(|attribute| &attribute.value)
}
