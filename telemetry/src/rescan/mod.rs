//! Stored traces, looked at again with the rules of today.
//!
//! Each execution is scanned page by page without a lock; what changes is written in short commits, which live readers see like
//! any other. An execution that nobody else wrote meanwhile is then marked as done, so that a scan which was killed goes on
//! where it was.

mod texts;

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;
use futures::TryStreamExt as _;
use orcheo_store::models::rewrite::{self, Outdated, Row, Selection, Table};
use orcheo_store::{Connection, Store, StoreError};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use self::texts::Effects;
use crate::{Redactor, artifact, redaction};

/// Executions that are asked for at once.
const PAGE: i64 = 100;

/// What a scan is done with.
#[derive(Debug, Clone)]
pub struct Rescan {
    pub store: Store,
    /// Knows the credentials of today as well.
    pub redactor: Redactor,
    /// Only tells what it would do.
    pub dry_run: bool,
    /// Also executions that have passed these very rules: for credentials that were not known then.
    pub all: bool,
}

/// What a scan has done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Rescanned {
    /// How many executions there were to scan when it began.
    #[serde(skip)]
    pub total: u64,
    /// Scanned to their end.
    pub executions: u64,
    /// Of these, those in which something was hidden.
    pub changed: u64,
    /// Of these, those that somebody else wrote meanwhile: the next scan looks at them again.
    pub written_meanwhile: u64,
    /// What was hidden, by the rule that its marker names.
    pub hidden: BTreeMap<String, u64>,
}

/// Why a scan ended before its end. What it has done stays.
#[derive(Debug, thiserror::Error)]
pub enum RescanError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Two would undo each other's marks.
    #[error("another scan is going on")]
    Busy,
}

impl Rescan {
    /// Scans what is to be scanned, telling about each execution.
    ///
    /// # Errors
    /// When the database or the place for artifacts fails.
    pub async fn run(&self, told: impl FnMut(&Rescanned) + Send) -> Result<Rescanned, RescanError> {
        // A connection of its own: whoever gives a scan up gives up the claim with it.
        let mut claim = Connection::take(self.store.write().await?);
        if !rewrite::claim(&mut claim).await? {
            return Err(RescanError::Busy);
        }
        let scanned = self.scan(told).await;
        rewrite::release(&mut claim).await?;
        scanned
    }

    async fn scan(
        &self,
        mut told: impl FnMut(&Rescanned) + Send,
    ) -> Result<Rescanned, RescanError> {
        let selection = Selection {
            workspace: self.store.workspace().to_owned(),
            passed: (!self.all).then(|| self.redactor.version().to_owned()),
        };
        let mut connection = self.store.write().await?;
        let mut done = Rescanned {
            total: selection.count(&mut connection).await?.unsigned_abs(),
            ..Rescanned::default()
        };
        told(&done);
        let mut after = None;
        loop {
            let page = selection.after(&mut connection, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(done);
            };
            after = Some(last.execution_id);
            for outdated in page {
                let mut execution = Scan {
                    rescan: self,
                    connection: &mut connection,
                    execution: outdated,
                    alone: true,
                    contents: HashSet::new(),
                    hidden: BTreeMap::new(),
                };
                execution.run().await?;
                let Scan { alone, hidden, .. } = execution;
                done.executions += 1;
                done.changed += u64::from(!hidden.is_empty());
                done.written_meanwhile += u64::from(!alone);
                for (rule, count) in hidden {
                    *done.hidden.entry(rule).or_default() += count;
                }
                told(&done);
            }
        }
    }
}

/// The scan of one execution.
struct Scan<'r> {
    rescan: &'r Rescan,
    connection: &'r mut Connection,
    /// At the revision that it has as far as this scan knows.
    execution: Outdated,
    /// Nobody else has written about it.
    alone: bool,
    /// Keys of contents that have changed: so have the spans that show them.
    contents: HashSet<String>,
    hidden: BTreeMap<String, u64>,
}

impl Scan<'_> {
    async fn run(&mut self) -> Result<(), RescanError> {
        for table in Table::ALL {
            let mut after: Option<Row> = None;
            loop {
                let id = self.execution.execution_id;
                let page = rewrite::page(self.connection, table, id, after.as_ref()).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.clone());
                self.page(page).await?;
            }
        }
        if self.rescan.dry_run || !self.alone {
            return Ok(());
        }
        let version = self.rescan.redactor.version();
        self.alone = rewrite::mark(self.connection, self.execution, version).await?;
        Ok(())
    }

    async fn page(&mut self, page: Vec<Row>) -> Result<(), RescanError> {
        let mut changed = Vec::new();
        for mut row in page {
            let before = row.clone();
            let Effects {
                shows_changes,
                concealed,
            } = texts::redact(&self.rescan.redactor, &mut row, &self.contents);
            let values = self.conceal(concealed).await?;
            if row.table == Table::Artifacts {
                self.artifact(&mut row).await?;
            }
            if row != before {
                for column in row.columns() {
                    self.count(before.text(column), row.text(column));
                }
                if row.table == Table::Contents {
                    self.contents.extend(hash(&row));
                }
            }
            if row != before || shows_changes || !values.is_empty() {
                changed.push(row);
            }
            changed.extend(values);
        }
        if changed.is_empty() || self.rescan.dry_run {
            return Ok(());
        }
        let id = self.execution.execution_id;
        if let Some(written) = rewrite::write(self.connection, id, &changed).await? {
            self.alone &= written.before == self.execution.revision;
            self.execution.revision = written.revision;
        }
        Ok(())
    }

    /// Large values of sensitive keys that are not hidden yet: their own text does not tell what they are.
    async fn conceal(&mut self, places: Vec<(String, String)>) -> Result<Vec<Row>, RescanError> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let hashes: Vec<String> = places.iter().map(|(hash, _)| hash.clone()).collect();
        let id = self.execution.execution_id;
        let mut values = rewrite::contents(self.connection, id, &hashes).await?;
        values.retain_mut(|row| {
            let key = hash(row).and_then(|own| places.iter().find(|(hash, _)| *hash == own));
            let (Some((_, key)), Some(value)) = (key, row.text("content")) else {
                return false;
            };
            let (before, after) = (
                value.to_owned(),
                texts::attribute_value(&self.rescan.redactor, key, value),
            );
            self.count(Some(&before), Some(&after));
            row.set("content", Some(after.clone()));
            after != before
        });
        self.contents.extend(values.iter().filter_map(hash));
        Ok(values)
    }

    /// The file of an artifact, and what its row says about it. One that is hidden but for its row, because a scan was killed
    /// in between, is told anew.
    async fn artifact(&mut self, row: &mut Row) -> Result<(), RescanError> {
        let (Some(location), Some(media_type)) = (row.text("location"), row.text("media_type"))
        else {
            return Ok(());
        };
        let blobs = self.rescan.store.blobs();
        let bytes = match blobs.get(location, None).await {
            Ok(blob) => blob.bytes.try_collect::<Vec<Bytes>>().await?.concat(),
            Err(error) if error.is_missing_blob() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let redacted = artifact::redacted(&self.rescan.redactor, media_type, &bytes);
        if let Some(redacted) = &redacted {
            let text = String::from_utf8_lossy;
            self.count(Some(&text(&bytes)), Some(&text(redacted)));
        }
        let stored = redacted.unwrap_or_else(|| bytes.clone().into());
        let sha256 = hex::encode(Sha256::digest(&stored));
        if row.text("sha256") == Some(&sha256) {
            return Ok(());
        }
        let size = stored.len();
        if !self.rescan.dry_run && stored != bytes {
            let id = row.key().first().and_then(|id| Uuid::parse_str(id).ok());
            let stream = futures::stream::iter([Ok(stored)]);
            // The same place: nothing of what was there is left.
            blobs
                .put(self.execution.execution_id, id.unwrap_or_default(), stream)
                .await?;
        }
        row.set("size_bytes", Some(size.to_string()));
        row.set("sha256", Some(sha256));
        Ok(())
    }

    /// Counts the markers that are new.
    fn count(&mut self, before: Option<&str>, after: Option<&str>) {
        let mut known: BTreeMap<&str, u64> = BTreeMap::new();
        for rule in redaction::markers(before.unwrap_or_default()) {
            *known.entry(rule).or_default() += 1;
        }
        for rule in redaction::markers(after.unwrap_or_default()) {
            match known.get_mut(rule).filter(|count| **count > 0) {
                Some(count) => *count -= 1,
                None => *self.hidden.entry(rule.to_owned()).or_default() += 1,
            }
        }
    }
}

/// The hash of a content, as places tell it.
fn hash(row: &Row) -> Option<String> {
    let key = row.key().first()?;
    Some(key.trim_start_matches("\\x").to_owned())
}
