//! What subscribers make of one segment: evaluated and encoded once for all who ask for the same.

use std::{collections::HashMap, sync::Arc};

use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;
use tokio::sync::OnceCell;

/// What is asked of a segment, such that equal keys get equal results: see [`super::selection`].
pub(crate) type ResultKey = [u8; 32];

/// One message's payload.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    pub(crate) payload: Utf8Bytes,
    /// It reports errors, so it is the last of its subscription.
    pub(crate) failed: bool,
}

/// The results of one segment, by what was asked and by which of its messages.
#[derive(Default)]
pub(crate) struct Results(Mutex<HashMap<(ResultKey, usize), Evaluation>>);

/// Begun by the first subscriber that asks, awaited by the others.
type Evaluation = Arc<OnceCell<Encoded>>;

impl Results {
    /// The result for `key`, made by `evaluate` unless another subscriber did; whoever waits for one that is abandoned
    /// makes it itself.
    pub(crate) async fn get_or_evaluate<F>(
        &self,
        key: ResultKey,
        message: usize,
        evaluate: F,
    ) -> Encoded
    where
        F: Future<Output = Encoded>,
    {
        let cell = self.0.lock().entry((key, message)).or_default().clone();
        cell.get_or_init(|| evaluate).await.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn equal_requests_share_one_evaluation() {
        let evaluations = AtomicUsize::new(0);
        let results = Results::default();
        let ask = |key: u8, message| {
            results.get_or_evaluate([key; 32], message, async {
                tokio::task::yield_now().await;
                let n = evaluations.fetch_add(1, Ordering::SeqCst);
                Encoded {
                    payload: n.to_string().into(),
                    failed: false,
                }
            })
        };
        let asked = [(1, 0), (1, 0), (2, 0), (1, 1), (1, 0)];
        let payloads: Vec<String> = join_all(asked.map(|(key, message)| ask(key, message)))
            .await
            .iter()
            .map(|e| e.payload.to_string())
            .collect();
        assert_eq!(evaluations.load(Ordering::SeqCst), 3);
        assert_eq!(payloads[0], payloads[1]);
        assert_eq!(payloads[0], payloads[4]);
        assert_ne!(payloads[0], payloads[2]);
    }

    #[tokio::test]
    async fn an_evaluation_that_is_abandoned_is_done_by_another() {
        let results = Arc::new(Results::default());
        let abandoned = tokio::spawn({
            let results = results.clone();
            async move {
                results
                    .get_or_evaluate([0; 32], 0, std::future::pending())
                    .await
            }
        });
        tokio::task::yield_now().await;
        let waiting = results.get_or_evaluate([0; 32], 0, async {
            Encoded {
                payload: "second".into(),
                failed: false,
            }
        });
        abandoned.abort();
        assert_eq!(waiting.await.payload.as_str(), "second");
    }
}
