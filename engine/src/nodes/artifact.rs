//! ArtifactNode: makes a file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::context::NodeContext;
use crate::error::NodeError;
use crate::node::{NodeCategory, NodeKind};

pub(super) struct Artifact;

/// Larger files are better made by a service that streams them.
const MAX_BYTES: usize = 32 << 20;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// The file's name, for instance `report.csv`.
    file_name: String,
    /// What the file holds: text as it is; for json any value; for csv a list of objects or of lists;
    /// for bytes base64 text.
    content: Value,
    /// How the content becomes a file.
    #[serde(default)]
    format: Format,
    /// The media type, where it is not the format's own.
    media_type: Option<String>,
    /// The columns of a csv file of objects, in order; without them all that occur, in the order they first do.
    columns: Option<Vec<String>>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Text,
    Markdown,
    Html,
    Json,
    Csv,
    Bytes,
}

impl NodeKind for Artifact {
    type Params = Params;

    const NAME: &'static str = "ArtifactNode";
    const DESCRIPTION: &'static str = "Makes a file out of text, JSON, a table or bytes";
    const CATEGORY: NodeCategory = NodeCategory::Artifact;
    const EFFECTS: bool = true;

    async fn run(params: Params, cx: &NodeContext) -> Result<Value, NodeError> {
        let name = file_name(&params.file_name)?;
        let bytes = params.format.render(params.content, params.columns)?;
        if bytes.len() > MAX_BYTES {
            let problem = format!(
                "`{name}` has {} bytes, more than the limit of {MAX_BYTES}",
                bytes.len()
            );
            return Err(NodeError::new("ARTIFACT_TOO_LARGE", problem));
        }
        let media_type = params
            .media_type
            .unwrap_or_else(|| params.format.media_type().to_owned());
        let stored = cx
            .put_artifact(name, media_type.as_str(), Bytes::from(bytes))
            .await?;
        Ok(json!({
            "artifact_id": stored.id, "name": name, "media_type": media_type,
            "size_bytes": stored.size_bytes, "sha256": stored.sha256,
        }))
    }
}

/// A name is shown and offered when the file is saved: it must be one line and no path.
fn file_name(name: &str) -> Result<&str, NodeError> {
    let name = name.trim();
    let wrong = name.is_empty()
        || name.chars().count() > 255
        || matches!(name, "." | "..")
        || name.contains(['/', '\\'])
        || name.chars().any(char::is_control);
    if wrong {
        return Err(NodeError::invalid_parameters(
            "file_name: not the name of a file",
        ));
    }
    Ok(name)
}

impl Format {
    fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Bytes => "application/octet-stream",
        }
    }

    fn render(self, content: Value, columns: Option<Vec<String>>) -> Result<Vec<u8>, NodeError> {
        match (self, content) {
            (Self::Json, content) => Ok(format!("{content:#}\n").into_bytes()),
            (Self::Csv, Value::Array(rows)) => csv_file(&rows, columns),
            (Self::Csv, _) => Err(NodeError::invalid_parameters(
                "content: a csv file needs a list of rows",
            )),
            (Self::Bytes, Value::String(text)) => STANDARD.decode(text.trim()).map_err(|error| {
                NodeError::invalid_parameters(format!("content is not base64: {error}"))
            }),
            (Self::Bytes, _) => Err(NodeError::invalid_parameters(
                "content: bytes need base64 text",
            )),
            (_, Value::String(text)) => Ok(text.into_bytes()),
            (_, content) => Ok(content.to_string().into_bytes()),
        }
    }
}

fn csv_file(rows: &[Value], columns: Option<Vec<String>>) -> Result<Vec<u8>, NodeError> {
    let columns = columns.unwrap_or_else(|| all_columns(rows));
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    let failed = |error: csv::Error| NodeError::new("INVALID_CSV", format!("content: {error}"));
    if !columns.is_empty() {
        writer.write_record(&columns).map_err(failed)?;
    }
    for (position, row) in rows.iter().enumerate() {
        let cells: Vec<String> = match row {
            Value::Object(entries) => columns
                .iter()
                .map(|column| cell(entries.get(column)))
                .collect(),
            Value::Array(cells) => cells.iter().map(|value| cell(Some(value))).collect(),
            _ => {
                let problem = format!("content[{position}] is neither an object nor a list");
                return Err(NodeError::invalid_parameters(problem));
            }
        };
        writer.write_record(cells).map_err(failed)?;
    }
    writer
        .into_inner()
        .map_err(|error| NodeError::new("INVALID_CSV", error.to_string()))
}

fn all_columns(rows: &[Value]) -> Vec<String> {
    let names = rows.iter().filter_map(Value::as_object).flat_map(Map::keys);
    let distinct: indexmap::IndexSet<&String> = names.collect();
    distinct.into_iter().cloned().collect()
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::nodes::testing::Lab;

    async fn file(node: Value) -> (String, String, Vec<u8>) {
        let mut node = node;
        node["type"] = "ArtifactNode".into();
        let ran = Lab::default().run_node(node).await;
        let output = ran.output();
        let artifact = &ran.artifacts[0];
        assert_eq!(output["artifact_id"], "artifact-1");
        assert_eq!(output["size_bytes"], artifact.bytes.len());
        assert_eq!(
            artifact.span,
            ran.span("node").0.span_context,
            "the artifact belongs to its node's span"
        );
        assert_eq!(
            ran.span("node").attribute("orcheo.artifact.ids"),
            json!(["artifact-1"])
        );
        (
            artifact.name.clone(),
            artifact.media_type.clone(),
            artifact.bytes.to_vec(),
        )
    }

    #[tokio::test]
    async fn text_becomes_a_file_as_it_is() {
        let (name, media_type, bytes) =
            file(json!({"file_name": "note.txt", "content": "Grüße\n"})).await;
        assert_eq!(
            (name.as_str(), media_type.as_str()),
            ("note.txt", "text/plain; charset=utf-8")
        );
        assert_eq!(bytes, "Grüße\n".as_bytes());
    }

    #[tokio::test]
    async fn any_value_becomes_json() {
        let node = json!({"file_name": "a.json", "format": "json", "content": {"a": [1]}});
        let (_, media_type, bytes) = file(node).await;
        assert_eq!(media_type, "application/json");
        assert_eq!(
            serde_json::from_slice::<Value>(&bytes).unwrap(),
            json!({"a": [1]})
        );
    }

    #[tokio::test]
    async fn rows_become_csv_with_all_columns_or_the_chosen_ones() {
        let rows = json!([{"id": 1, "note": "a, \"b\""}, {"id": 2, "extra": [true]}]);
        let node = json!({"file_name": "t.csv", "format": "csv", "content": rows});
        let (_, _, bytes) = file(node.clone()).await;
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "id,note,extra\n1,\"a, \"\"b\"\"\",\n2,,[true]\n"
        );

        let mut chosen = node;
        chosen["columns"] = json!(["note", "id"]);
        let (_, _, bytes) = file(chosen).await;
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "note,id\n\"a, \"\"b\"\"\",1\n,2\n"
        );
    }

    #[tokio::test]
    async fn base64_becomes_bytes_of_the_given_type() {
        let node = json!({"file_name": "p.png", "format": "bytes", "media_type": "image/png", "content": "iVBORw0K"});
        let (_, media_type, bytes) = file(node).await;
        assert_eq!(media_type, "image/png");
        assert_eq!(bytes, b"\x89PNG\r\n");
    }

    #[tokio::test]
    async fn what_cannot_be_a_file_is_refused() {
        for (node, problem) in [
            (
                json!({"file_name": "../etc/passwd", "content": ""}),
                "file_name: not the name of a file",
            ),
            (
                json!({"file_name": "{{inputs.name}}", "content": ""}),
                "file_name: not the name of a file",
            ),
            (
                json!({"file_name": "a.csv", "format": "csv", "content": "x"}),
                "content: a csv file needs a list of rows",
            ),
            (
                json!({"file_name": "a", "format": "bytes", "content": "%"}),
                "content is not base64",
            ),
        ] {
            let mut node = node;
            node["type"] = "ArtifactNode".into();
            let lab = Lab::default().inputs(json!({"name": "a\nb"}));
            let error = lab.run_node(node).await.error();
            assert_eq!(error.code, "INVALID_PARAMETERS");
            assert!(error.message.starts_with(problem), "{}", error.message);
        }
    }
}
