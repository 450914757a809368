//! The bytes of artifacts, in a local directory or an S3-compatible bucket.

use std::{ops::Range, path::Path as FsPath, sync::Arc};

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    GetOptions, ObjectStore, ObjectStoreExt, WriteMultipart, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path, prefix::PrefixStore,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{ExecutionId, StoreError};

/// Parts of a multipart upload in flight at once: bounds the memory of one upload to a few parts.
const CONCURRENT_PARTS: usize = 2;

/// Where artifacts' bytes are. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
}

/// What was stored: size and hash are of the bytes as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlob {
    /// Path within the store; keeps its meaning when the store moves.
    pub location: String,
    pub size_bytes: i64,
    pub sha256: [u8; 32],
}

/// The bytes asked for.
pub struct BlobRead {
    /// Range of the blob that `bytes` yields.
    pub range: Range<u64>,
    /// Size of the whole blob.
    pub size_bytes: u64,
    pub bytes: BoxStream<'static, Result<Bytes, StoreError>>,
}

impl Blobs {
    /// Opens a directory (made if absent), `file:///directory` or `s3://bucket/prefix`.
    ///
    /// # Errors
    /// When the location cannot be understood or the directory cannot be made.
    pub fn open(location: &str) -> Result<Self, StoreError> {
        let store: Arc<dyn ObjectStore> = match location.split_once("://") {
            None => local(FsPath::new(location))?,
            Some(("file", path)) => local(FsPath::new(path))?,
            Some(("s3", rest)) => {
                let invalid = |error: object_store::Error| StoreError::InvalidArtifactsUrl {
                    location: location.to_owned(),
                    reason: error.to_string(),
                };
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                let bucket = AmazonS3Builder::from_env()
                    .with_bucket_name(bucket)
                    .build()
                    .map_err(invalid)?;
                Arc::new(PrefixStore::new(bucket, prefix))
            }
            Some((scheme, _)) => {
                return Err(StoreError::InvalidArtifactsUrl {
                    location: location.to_owned(),
                    reason: format!("unknown scheme {scheme:?}: use a directory, file:// or s3://"),
                });
            }
        };
        Ok(Self { store })
    }

    /// Stores a stream of bytes as one artifact of an execution, hashing what goes by.
    ///
    /// Nothing is visible under the location until all of it is stored; a failed upload leaves nothing behind.
    ///
    /// # Errors
    /// The stream's own error, or the blob store's.
    pub async fn put<S>(
        &self,
        execution_id: ExecutionId,
        artifact_id: Uuid,
        bytes: S,
    ) -> Result<StoredBlob, StoreError>
    where
        S: Stream<Item = Result<Bytes, StoreError>> + Send,
    {
        let location = Path::from_iter([execution_id.to_string(), artifact_id.to_string()]);
        let mut upload = WriteMultipart::new(self.store.put_multipart(&location).await?);
        let mut hash = Sha256::new();
        let mut size_bytes = 0;
        let copied = async {
            let mut bytes = std::pin::pin!(bytes);
            while let Some(chunk) = bytes.try_next().await? {
                upload.wait_for_capacity(CONCURRENT_PARTS).await?;
                hash.update(&chunk);
                size_bytes += chunk.len() as i64;
                upload.put(chunk);
            }
            Ok::<_, StoreError>(())
        }
        .await;
        if let Err(error) = copied {
            if let Err(abort) = upload.abort().await {
                tracing::warn!(error = %abort, %location, "could not abort an upload");
            }
            return Err(error);
        }
        upload.finish().await?;
        Ok(StoredBlob {
            location: location.into(),
            size_bytes,
            sha256: hash.finalize().into(),
        })
    }

    /// Reads a blob, or the part of it that `range` names (end exclusive, cut off at the blob's end).
    ///
    /// # Errors
    /// [`StoreError::Blob`]; `object_store::Error::NotFound` when there is no such blob.
    pub async fn get(
        &self,
        location: &str,
        range: Option<Range<u64>>,
    ) -> Result<BlobRead, StoreError> {
        let options = GetOptions {
            range: range.map(Into::into),
            ..GetOptions::default()
        };
        let found = self.store.get_opts(&Path::from(location), options).await?;
        Ok(BlobRead {
            range: found.range.clone(),
            size_bytes: found.meta.size,
            bytes: found.into_stream().map_err(StoreError::from).boxed(),
        })
    }

    /// Deletes a blob; one that does not exist is deleted already.
    ///
    /// # Errors
    /// The blob store's.
    pub async fn delete(&self, location: &str) -> Result<(), StoreError> {
        match self.store.delete(&Path::from(location)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl std::fmt::Debug for BlobRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobRead")
            .field("range", &self.range)
            .field("size_bytes", &self.size_bytes)
            .finish_non_exhaustive()
    }
}

fn local(directory: &FsPath) -> Result<Arc<dyn ObjectStore>, StoreError> {
    std::fs::create_dir_all(directory).map_err(|source| StoreError::ArtifactsDirectory {
        path: directory.to_owned(),
        source,
    })?;
    Ok(Arc::new(
        LocalFileSystem::new_with_prefix(directory)?.with_automatic_cleanup(true),
    ))
}
