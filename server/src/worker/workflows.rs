//! Finds the workflows that runs are of, and those they call.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use orcheo_engine::{Workflow, WorkflowSource, WorkflowSourceError};
use orcheo_store::models::workflows::WorkflowVersion;
use orcheo_store::{Store, StoreError};
use parking_lot::Mutex;
use tokio::time::sleep;

use super::journal::RETRY;
use crate::workflow_files::{default_id, files, save};

/// Versions never change, so what was parsed once stays; the least recently used go.
const CACHED: usize = 64;

type Parsed = ((String, i32), Arc<Workflow>);

/// The workflows of the store, and of a directory of files where a file is run.
pub(crate) struct StoredWorkflows {
    store: Store,
    /// Searched first; what is found there is saved, so that whoever takes the run over finds it as well.
    directory: Option<PathBuf>,
    cache: Mutex<Vec<Parsed>>,
}

impl StoredWorkflows {
    pub(crate) fn new(store: Store, directory: Option<PathBuf>) -> Self {
        Self {
            store,
            directory,
            cache: Mutex::default(),
        }
    }

    async fn stored(
        &self,
        id: &str,
        version: Option<i32>,
    ) -> Result<Arc<Workflow>, WorkflowSourceError> {
        if let Some(version) = version
            && let Some(known) = self.cached(id, version)
        {
            return Ok(known);
        }
        let row = loop {
            match self.row(id, version).await {
                Ok(row) => break row.ok_or(WorkflowSourceError::NotFound)?,
                // The run waits, as it does for everything else that goes through the database.
                Err(error) if error.is_unavailable() => sleep(RETRY).await,
                Err(error) => return Err(unavailable(error)),
            }
        };
        if let Some(known) = self.cached(id, row.version) {
            return Ok(known);
        }
        let workflow = Workflow::parse(&row.source, id).map_err(unavailable)?;
        let workflow = Arc::new(workflow);
        let mut cache = self.cache.lock();
        cache.truncate(CACHED - 1);
        cache.insert(0, ((id.to_owned(), row.version), Arc::clone(&workflow)));
        Ok(workflow)
    }

    async fn row(
        &self,
        id: &str,
        version: Option<i32>,
    ) -> Result<Option<WorkflowVersion>, StoreError> {
        let mut connection = self.store.read().await?;
        Ok(WorkflowVersion::get(&mut connection, self.store.workspace(), id, version).await?)
    }

    fn cached(&self, id: &str, version: i32) -> Option<Arc<Workflow>> {
        let mut cache = self.cache.lock();
        let index = cache
            .iter()
            .position(|((known, number), _)| known == id && *number == version)?;
        let hit = cache.remove(index);
        let workflow = Arc::clone(&hit.1);
        cache.insert(0, hit);
        Some(workflow)
    }
}

#[async_trait::async_trait]
impl WorkflowSource for StoredWorkflows {
    async fn load(
        &self,
        id: &str,
        version: Option<i32>,
    ) -> Result<Arc<Workflow>, WorkflowSourceError> {
        if let (Some(directory), None) = (&self.directory, version)
            && let Some(workflow) = in_directory(directory, id)
        {
            save(&self.store, &workflow).await.map_err(unavailable)?;
            return Ok(Arc::new(workflow));
        }
        self.stored(id, version).await
    }
}

/// A file of another kind, or an invalid one, is nobody's sub-workflow.
fn in_directory(directory: &Path, id: &str) -> Option<Workflow> {
    files(directory).ok()?.iter().find_map(|file| {
        let source = std::fs::read_to_string(file).ok()?;
        // Only a document that names the id, in its text or as its file's name, is worth parsing.
        let stem = default_id(file);
        if stem != id && !source.contains(id) {
            return None;
        }
        Workflow::parse(&source, &stem)
            .ok()
            .filter(|workflow| workflow.id == id)
    })
}

fn unavailable(error: impl std::fmt::Display) -> WorkflowSourceError {
    WorkflowSourceError::Unavailable(error.to_string())
}
