//! Workflows as files: finding, reading and saving them.

use std::io;
use std::path::{Path, PathBuf};

use orcheo_engine::{Problems, Workflow};
use orcheo_store::models::workflows::NewVersion;
use orcheo_store::{Store, StoreError};

/// Why a file is no workflow.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("cannot read {}: {cause}", path.display())]
    Read { path: PathBuf, cause: io::Error },
    #[error("{} is no valid workflow\n{}", path.display(), problem_lines(path, problems).join("\n"))]
    Invalid { path: PathBuf, problems: Problems },
}

/// Reads and checks a workflow file.
pub(crate) fn read(path: &Path) -> Result<Workflow, FileError> {
    let source = std::fs::read_to_string(path).map_err(|cause| FileError::Read {
        path: path.to_owned(),
        cause,
    })?;
    Workflow::parse(&source, &default_id(path)).map_err(|problems| FileError::Invalid {
        path: path.to_owned(),
        problems,
    })
}

/// `file:line:column: path: message`, which editors and terminals lead to its place.
fn problem_lines(path: &Path, problems: &Problems) -> Vec<String> {
    let lines = problems.0.iter().map(|problem| {
        let place = if problem.path.is_empty() {
            String::new()
        } else {
            format!("{}: ", problem.path)
        };
        format!(
            "{}:{}:{}: {place}{}",
            path.display(),
            problem.line,
            problem.column,
            problem.message
        )
    });
    lines.collect()
}

/// Saves a workflow as its current version; returns the version.
pub(crate) async fn save(store: &Store, workflow: &Workflow) -> Result<i32, StoreError> {
    let mut connection = store.write().await?;
    let definition = workflow.definition.to_string();
    let new = NewVersion {
        workflow_id: &workflow.id,
        name: &workflow.name,
        definition: &definition,
        source: &workflow.source,
    };
    let (_, version) =
        orcheo_store::models::workflows::Workflow::save(&mut connection, store.workspace(), new)
            .await?;
    Ok(version.version)
}

/// The workflow files of a directory, by name.
pub(crate) fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            matches!(extension, Some("yaml" | "yml" | "json")) && path.is_file()
        })
        .collect();
    files.sort();
    Ok(files)
}

/// The id of a file that gives itself none: its stem.
pub(crate) fn default_id(file: &Path) -> String {
    file.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}
