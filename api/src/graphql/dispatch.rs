//! Dispatch of loader batches when a query can make no progress without them.
//!
//! A timer is either too early (siblings that were not polled yet start batches of their own) or a delay for everybody. What is
//! exact is the query's own quiescence: it is pending, and nothing it did woke it again. Then every sibling has registered
//! its key, and one statement serves a loader and level.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures::{Stream, future::BoxFuture, task::AtomicWaker};
use parking_lot::Mutex;
use tokio::task::JoinSet;

/// How often a query that wakes itself is polled before the runtime's other tasks get their turn.
const POLLS_PER_TURN: usize = 128;

/// The batches that the loaders of one request have ready.
#[derive(Clone, Default)]
pub(crate) struct BatchQueue(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl BatchQueue {
    /// What a `DataLoader` takes for its spawner: the batch waits here instead of starting.
    pub(crate) fn spawner(&self) -> impl Fn(BoxFuture<'static, ()>) + Send + Sync + 'static {
        let queue = self.clone();
        move |batch| queue.0.lock().push(batch)
    }

    /// Runs a query (a future, or the stream of a subscription) and starts the queued batches each time it is quiescent.
    /// Dropping the result stops the batches that are under way.
    pub(crate) fn drive<T>(&self, query: T) -> Driven<T> {
        Driven {
            query: Box::pin(query),
            queue: self.clone(),
            running: JoinSet::new(),
            signal: Arc::new(Signal::default()),
        }
    }

    fn take(&self) -> Vec<BoxFuture<'static, ()>> {
        std::mem::take(&mut *self.0.lock())
    }
}

/// Remembers whether the query was woken since it was last polled, and passes the wake on.
#[derive(Default)]
struct Signal {
    woken: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.task.wake();
    }
}

/// See [`BatchQueue::drive`].
pub(crate) struct Driven<T> {
    query: Pin<Box<T>>,
    queue: BatchQueue,
    running: JoinSet<()>,
    signal: Arc<Signal>,
}

impl<T> Driven<T> {
    fn poll_with<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut poll: impl FnMut(Pin<&mut T>, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        self.signal.task.register(cx.waker());
        let waker = Waker::from(self.signal.clone());
        let mut inner = Context::from_waker(&waker);
        for _ in 0..POLLS_PER_TURN {
            self.signal.woken.store(false, Ordering::Release);
            if let Poll::Ready(result) = poll(self.query.as_mut(), &mut inner) {
                return Poll::Ready(result);
            }
            if self.signal.woken.load(Ordering::Acquire) {
                continue;
            }
            while self.running.try_join_next().is_some() {}
            for batch in self.queue.take() {
                self.running.spawn(batch);
            }
            return Poll::Pending;
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<T: Future> Future for Driven<T> {
    type Output = T::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T::Output> {
        self.get_mut().poll_with(cx, |query, cx| query.poll(cx))
    }
}

impl<T: Stream> Stream for Driven<T> {
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        self.get_mut()
            .poll_with(cx, |query, cx| query.poll_next(cx))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap, convert::Infallible, sync::atomic::AtomicUsize, time::Duration,
    };

    use async_graphql::{
        Context, EmptyMutation, EmptySubscription, Object, Request, Schema,
        dataloader::{DataLoader, Loader},
    };

    use super::*;

    struct Counting(Arc<AtomicUsize>);

    impl Loader<u64> for Counting {
        type Value = u64;
        type Error = Infallible;

        async fn load(&self, keys: &[u64]) -> Result<HashMap<u64, u64>, Infallible> {
            self.0.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(keys.iter().map(|key| (*key, *key)).collect())
        }
    }

    struct Item(u64);

    #[Object]
    impl Item {
        async fn value(&self, ctx: &Context<'_>) -> u64 {
            let loader = ctx.data_unchecked::<DataLoader<Counting>>();
            loader
                .load_one(self.0)
                .await
                .unwrap_or_default()
                .unwrap_or_default()
        }

        async fn children(&self, ctx: &Context<'_>, count: u64) -> Vec<Item> {
            let loader = ctx.data_unchecked::<DataLoader<Counting>>();
            let id = loader
                .load_one(self.0)
                .await
                .unwrap_or_default()
                .unwrap_or_default();
            (0..count).map(|child| Item(id * count + child)).collect()
        }
    }

    struct Root;

    #[Object]
    impl Root {
        async fn root(&self) -> Item {
            Item(1)
        }
    }

    async fn batches_of(query: String) -> usize {
        let count = Arc::new(AtomicUsize::new(0));
        let queue = BatchQueue::default();
        let loader = DataLoader::new(Counting(count.clone()), queue.spawner())
            .delay(Duration::ZERO)
            .max_batch_size(100_000);
        let schema = Schema::new(Root, EmptyMutation, EmptySubscription);
        let response = queue
            .drive(schema.execute(Request::new(query).data(loader)))
            .await;
        assert_eq!(response.errors, []);
        count.load(Ordering::Relaxed)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_batch_serves_a_level_however_wide() {
        let wide = "{ root { children(count: 2000) { value } } }";
        assert_eq!(batches_of(wide.into()).await, 2);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_batch_serves_each_level_however_deep() {
        let mut deep = "value".to_owned();
        for _ in 0..10 {
            deep = format!("children(count: 2) {{ {deep} }}");
        }
        assert_eq!(batches_of(format!("{{ root {{ {deep} }} }}")).await, 11);
    }
}
