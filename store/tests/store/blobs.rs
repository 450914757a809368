//! The bytes of artifacts.

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use orcheo_store::{Blobs, ExecutionId, StoreError};
use sha2::{Digest, Sha256};
use uuid::Uuid;

fn chunks(chunks: Vec<Vec<u8>>) -> impl futures::Stream<Item = Result<Bytes, StoreError>> + Send {
    stream::iter(chunks.into_iter().map(|chunk| Ok(Bytes::from(chunk))))
}

async fn read(blobs: &Blobs, location: &str, range: Option<std::ops::Range<u64>>) -> Vec<u8> {
    let read = blobs.get(location, range).await.unwrap();
    let parts: Vec<Bytes> = read.bytes.try_collect().await.unwrap();
    parts.concat()
}

#[tokio::test]
async fn bytes_come_back_as_they_were_with_size_and_hash() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(directory.path().join("new").to_str().unwrap()).unwrap();
    // More than one part of a multipart upload.
    let parts: Vec<Vec<u8>> = (0..13_u8).map(|byte| vec![byte; 1_000_000]).collect();
    let whole = parts.concat();
    let stored = blobs
        .put(ExecutionId::new(), Uuid::now_v7(), chunks(parts))
        .await
        .unwrap();
    assert_eq!(stored.size_bytes, 13_000_000);
    assert_eq!(stored.sha256, <[u8; 32]>::from(Sha256::digest(&whole)));
    assert!(read(&blobs, &stored.location, None).await == whole);
    assert!(
        read(&blobs, &stored.location, Some(999_999..2_000_001)).await == whole[999_999..2_000_001]
    );
    let end = blobs
        .get(&stored.location, Some(12_999_990..99_000_000))
        .await
        .unwrap();
    assert_eq!(
        (end.range, end.size_bytes),
        (12_999_990..13_000_000, 13_000_000)
    );
}

#[tokio::test]
async fn an_empty_artifact_is_an_artifact() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&format!("file://{}", directory.path().display())).unwrap();
    let stored = blobs
        .put(ExecutionId::new(), Uuid::now_v7(), chunks(vec![]))
        .await
        .unwrap();
    assert_eq!(stored.size_bytes, 0);
    assert_eq!(read(&blobs, &stored.location, None).await, b"");
}

#[tokio::test]
async fn a_failed_upload_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(directory.path().to_str().unwrap()).unwrap();
    let (execution_id, artifact_id) = (ExecutionId::new(), Uuid::now_v7());
    let broken = chunks(vec![vec![1; 6_000_000]]).chain(stream::iter([Err(
        StoreError::Unavailable("cut".to_owned()),
    )]));
    let error = blobs
        .put(execution_id, artifact_id, broken)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    let missing = blobs
        .get(&format!("{execution_id}/{artifact_id}"), None)
        .await
        .unwrap_err();
    assert!(
        matches!(
            missing,
            StoreError::Blob(object_store::Error::NotFound { .. })
        ),
        "{missing}"
    );
}

#[tokio::test]
async fn a_deleted_blob_is_gone_and_may_be_deleted_again() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(directory.path().to_str().unwrap()).unwrap();
    let stored = blobs
        .put(ExecutionId::new(), Uuid::now_v7(), chunks(vec![vec![1]]))
        .await
        .unwrap();
    for _ in 0..2 {
        blobs.delete(&stored.location).await.unwrap();
    }
    assert!(blobs.get(&stored.location, None).await.is_err());
    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
    assert!(left.is_empty(), "nor is its directory left: {left:?}");
}

#[test]
fn a_location_that_cannot_be_used_is_refused_with_its_reason() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let below_a_file = file.path().join("directory");
    for (location, reason) in [
        ("ftp://x/y", "unknown scheme"),
        (below_a_file.to_str().unwrap(), "cannot use"),
    ] {
        let error = Blobs::open(location).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
