//! The tables with texts: their columns, and what tells their rows apart.

/// Whose texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    Contents,
    Spans,
    OpenSpans,
    Logs,
    Artifacts,
    Executions,
}

/// How a column is read and written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Json,
    Number,
    Bytes,
    /// Bytes that are only read.
    Reference,
}

pub(super) type Column = (&'static str, Form);

const SPAN: &[Column] = &[
    ("name", Form::Text),
    ("status_message", Form::Text),
    ("node_id", Form::Text),
    ("node_type", Form::Text),
    ("display_name", Form::Text),
    ("trace_state", Form::Text),
    ("attributes", Form::Json),
    ("events", Form::Json),
    ("links", Form::Json),
    ("input", Form::Json),
    ("output", Form::Json),
    ("contents", Form::Json),
    ("resource_hash", Form::Reference),
    ("scope_hash", Form::Reference),
];

impl Table {
    /// Contents first: what a span shows of them has changed with them.
    pub const ALL: [Self; 6] = [
        Self::Contents,
        Self::Spans,
        Self::OpenSpans,
        Self::Logs,
        Self::Artifacts,
        Self::Executions,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Contents => "span_contents",
            Self::Spans => "spans",
            Self::OpenSpans => "open_spans",
            Self::Logs => "span_logs",
            Self::Artifacts => "artifacts",
            Self::Executions => "executions",
        }
    }

    pub(super) fn columns(self) -> &'static [Column] {
        match self {
            Self::Contents => &[("content", Form::Text)],
            Self::Spans | Self::OpenSpans => SPAN,
            Self::Logs => &[
                ("name", Form::Text),
                ("body", Form::Json),
                ("attributes", Form::Json),
                ("input", Form::Json),
                ("output", Form::Json),
            ],
            Self::Artifacts => &[
                ("name", Form::Text),
                ("media_type", Form::Text),
                ("size_bytes", Form::Number),
                ("sha256", Form::Bytes),
                ("location", Form::Text),
            ],
            Self::Executions => &[
                ("inputs", Form::Json),
                ("outputs", Form::Json),
                ("error_message", Form::Text),
            ],
        }
    }

    /// The columns that tell rows of one execution apart, with what stands before all of their values, as text.
    pub(super) fn key(self) -> &'static [(&'static str, &'static str, &'static str)] {
        const LEAST: &str = "-9223372036854775808";
        const NIL: &str = "00000000-0000-0000-0000-000000000000";
        match self {
            Self::Contents => &[("hash", "bytea", "\\x")],
            Self::Spans | Self::OpenSpans => &[("span_id", "bytea", "\\x")],
            Self::Logs => &[
                ("span_id", "bytea", "\\x"),
                ("time_ns", "bigint", LEAST),
                ("log_id", "bigint", LEAST),
            ],
            Self::Artifacts => &[("artifact_id", "uuid", NIL)],
            Self::Executions => &[("execution_id", "uuid", NIL)],
        }
    }

    pub(super) fn has_revision(self) -> bool {
        !matches!(self, Self::Contents | Self::Executions)
    }

    pub(super) fn key_columns(self) -> String {
        let names: Vec<_> = self.key().iter().map(|(name, ..)| *name).collect();
        names.join(", ")
    }

    /// The values of a key that is a parameter.
    pub(super) fn key_values(self, parameter: &str) -> String {
        let values = self.key().iter().enumerate();
        let values = values
            .map(|(index, (_, kind, _))| format!("({parameter}::text[])[{}]::{kind}", index + 1));
        values.collect::<Vec<_>>().join(", ")
    }
}
