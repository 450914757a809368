//! Replay, then follow: delivers a feed from any place on, first from the database, then as it grows, without a gap and
//! without a repetition.
//!
//! The hand-over is pinned by subscribing before reading. From then on only a live segment that continues exactly where
//! this subscriber stands is taken; whatever does not fit (a gap, an overlap, a subscriber that fell behind) sends it back
//! to the database at its own place. So what a slow subscriber misses is stored nowhere but in the database.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures::{Stream, stream};

use super::{
    log::{Follower, Found},
    position::Position,
};
use crate::error::{ApiError, ErrorCode, reason};

/// How long a subscriber that was already served waits before it asks a database that is away again.
const RETRY: Duration = Duration::from_secs(1);

/// A piece of a feed.
pub(crate) trait Segment: Send + Sync {
    /// The place that it continues.
    fn begin(&self) -> Position;
    /// The place after it.
    fn end(&self) -> Position;
    /// Nothing newer was stored when it was read.
    fn is_caught_up(&self) -> bool;
    /// The feed is over: nothing is expected after it.
    fn is_last(&self) -> bool;
}

/// What a live feed tells its followers: the next segment, or why there will be none.
pub(crate) type Live<S> = Result<Arc<S>, ApiError>;

/// A feed that can be read from any place, and followed.
pub(crate) trait Source: Send {
    type Segment: Segment;

    /// Joins the live feed: everything that is committed from now on will come.
    fn follow(&self) -> Follower<Live<Self::Segment>>;

    /// What is stored after `position`, at least one segment if only to say that there is nothing; it need not be all.
    /// `None` when the feed does not exist.
    fn read(
        &self,
        position: Position,
    ) -> impl Future<Output = Result<Option<Vec<Arc<Self::Segment>>>, ApiError>> + Send;

    /// The feed's name in errors.
    fn name(&self) -> String;
}

/// The segments of `source` after `position`. The first comes at once, even if it is empty; the stream ends after the last
/// segment or after an error.
pub(crate) fn replay_then_follow<S: Source>(
    source: S,
    position: Position,
) -> impl Stream<Item = Live<S::Segment>> + Send {
    let subscriber = Subscriber {
        source,
        position,
        live: None,
        replay: VecDeque::new(),
        replaying: true,
        served: false,
    };
    stream::unfold(Some(subscriber), |subscriber| async move {
        let mut subscriber = subscriber?;
        let item = subscriber.next().await;
        let over = item.as_ref().map_or(true, |segment| segment.is_last());
        Some((item, (!over).then_some(subscriber)))
    })
}

struct Subscriber<S: Source> {
    source: S,
    position: Position,
    live: Option<Follower<Live<S::Segment>>>,
    /// What was read from the database and not yet delivered.
    replay: VecDeque<Arc<S::Segment>>,
    /// Whether the database has to be read before the live feed can be taken.
    replaying: bool,
    /// Whether anything was delivered yet.
    served: bool,
}

impl<S: Source> Subscriber<S> {
    async fn next(&mut self) -> Live<S::Segment> {
        loop {
            if let Some(segment) = self.replay.pop_front() {
                return Ok(self.deliver(segment));
            }
            if self.replaying {
                self.read().await?;
                continue;
            }
            let source = &self.source;
            match self
                .live
                .get_or_insert_with(|| source.follow())
                .next()
                .await
            {
                Found::Item(Ok(segment)) if self.continues(&*segment) => {
                    return Ok(self.deliver(segment));
                }
                Found::Item(Ok(segment)) if segment.end() <= self.position => {}
                Found::Item(Ok(_)) | Found::Lagged => self.replaying = true,
                Found::Item(Err(error)) => return Err(error),
                Found::Closed => {
                    self.live = None;
                    self.replaying = true;
                }
            }
        }
    }

    /// Reads on from the database, having joined the live feed first.
    async fn read(&mut self) -> Result<(), ApiError> {
        let source = &self.source;
        self.live.get_or_insert_with(|| source.follow());
        let segments = match self.source.read(self.position).await {
            Ok(Some(segments)) => segments,
            Ok(None) if self.served => return Err(deleted(&self.source.name())),
            Ok(None) => return Err(ApiError::not_found(self.source.name())),
            Err(error) if self.served && is_passing(&error) => {
                tokio::time::sleep(RETRY).await;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.replaying = !segments.last().is_some_and(|last| last.is_caught_up());
        // Only the first message may be empty: it tells the client that it is connected.
        let news = |segment: &Arc<S::Segment>| {
            !self.served || segment.is_last() || segment.begin() < segment.end()
        };
        self.replay.extend(segments.into_iter().filter(news));
        Ok(())
    }

    /// Whether a live segment is what comes next: it may be empty only if it is the last one.
    fn continues(&self, segment: &S::Segment) -> bool {
        let news = segment.end() > self.position || segment.is_last();
        segment.begin() == self.position && news
    }

    fn deliver(&mut self, segment: Arc<S::Segment>) -> Arc<S::Segment> {
        self.position = segment.end();
        self.served = true;
        segment
    }
}

/// The feed was there and is gone.
pub(crate) fn deleted(name: &str) -> ApiError {
    ApiError::new(ErrorCode::NotFound, format!("{name} was deleted")).with_reason(reason::DELETED)
}

fn is_passing(error: &ApiError) -> bool {
    matches!(error.code(), ErrorCode::Unavailable | ErrorCode::Timeout)
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use parking_lot::Mutex;

    use super::{super::log::Log, *};

    /// Commits `from+1..=to` of a feed of numbers.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Numbers {
        from: i64,
        to: i64,
        caught_up: bool,
        last: bool,
    }

    impl Segment for Numbers {
        fn begin(&self) -> Position {
            Position::after(self.from)
        }
        fn end(&self) -> Position {
            Position::after(self.to)
        }
        fn is_caught_up(&self) -> bool {
            self.caught_up
        }
        fn is_last(&self) -> bool {
            self.last
        }
    }

    /// A database with `stored` commits (none: no such feed), read three at a time.
    #[derive(Clone)]
    struct Feed {
        database: Arc<Mutex<Database>>,
        log: Arc<Mutex<Arc<Log<Live<Numbers>>>>>,
    }

    #[derive(Default)]
    struct Database {
        stored: Option<i64>,
        over: bool,
        reads: usize,
        fail: Option<ApiError>,
    }

    impl Feed {
        fn with(stored: i64) -> Self {
            let database = Database {
                stored: Some(stored),
                ..Database::default()
            };
            Self {
                database: Arc::new(Mutex::new(database)),
                log: Arc::new(Mutex::new(Log::new(3))),
            }
        }

        fn commit(&self, through: i64) {
            self.database.lock().stored = Some(through);
        }

        fn tell(&self, from: i64, to: i64) {
            let live = Numbers {
                from,
                to,
                caught_up: true,
                last: false,
            };
            self.log.lock().push(Ok(Arc::new(live)), 1);
        }

        fn reads(&self) -> usize {
            self.database.lock().reads
        }
    }

    impl Source for Feed {
        type Segment = Numbers;

        fn follow(&self) -> Follower<Live<Numbers>> {
            self.log.lock().follow()
        }

        async fn read(&self, position: Position) -> Result<Option<Vec<Arc<Numbers>>>, ApiError> {
            let mut database = self.database.lock();
            database.reads += 1;
            if let Some(error) = database.fail.take() {
                return Err(error);
            }
            let Some(stored) = database.stored else {
                return Ok(None);
            };
            let from = position.whole();
            let to = stored.min(from + 3);
            let caught_up = to == stored;
            let last = caught_up && database.over;
            Ok(Some(vec![Arc::new(Numbers {
                from,
                to,
                caught_up,
                last,
            })]))
        }

        fn name(&self) -> String {
            "feed".into()
        }
    }

    /// What a subscriber gets next, as (from, to).
    async fn next(
        stream: &mut (impl Stream<Item = Live<Numbers>> + Unpin),
    ) -> Option<Result<(i64, i64), ErrorCode>> {
        let item = tokio::time::timeout(Duration::from_secs(20), stream.next())
            .await
            .expect("in time");
        item.map(|item| {
            item.map(|segment| (segment.from, segment.to))
                .map_err(|error| error.code())
        })
    }

    #[tokio::test]
    async fn the_replay_comes_in_pieces_and_the_live_feed_continues_it() {
        let feed = Feed::with(7);
        let mut stream = Box::pin(replay_then_follow(feed.clone(), Position::after(1)));
        for expected in [(1, 4), (4, 7)] {
            assert_eq!(next(&mut stream).await, Some(Ok(expected)));
        }
        feed.commit(9);
        feed.tell(7, 9);
        assert_eq!(next(&mut stream).await, Some(Ok((7, 9))));
        assert_eq!(feed.reads(), 2, "the live segment needs no read");
    }

    #[tokio::test]
    async fn the_first_message_comes_at_once_even_if_empty_and_no_later_one_is() {
        let feed = Feed::with(4);
        let mut stream = Box::pin(replay_then_follow(feed.clone(), Position::after(4)));
        assert_eq!(next(&mut stream).await, Some(Ok((4, 4))));
        feed.tell(2, 3);
        feed.log.lock().close();
        *feed.log.lock() = Log::new(3);
        feed.commit(5);
        assert_eq!(next(&mut stream).await, Some(Ok((4, 5))));
    }

    #[tokio::test]
    async fn what_does_not_continue_the_place_is_read_from_the_database() {
        for (from, to) in [(6, 7), (3, 7)] {
            let feed = Feed::with(5);
            let mut stream = Box::pin(replay_then_follow(feed.clone(), Position::after(4)));
            assert_eq!(next(&mut stream).await, Some(Ok((4, 5))));
            feed.commit(7);
            feed.tell(from, to);
            assert_eq!(
                next(&mut stream).await,
                Some(Ok((5, 7))),
                "live {from}..{to}"
            );
        }
    }

    #[tokio::test]
    async fn a_subscriber_that_fell_behind_reads_what_it_missed() {
        let feed = Feed::with(0);
        let mut stream = Box::pin(replay_then_follow(feed.clone(), Position::START));
        assert_eq!(next(&mut stream).await, Some(Ok((0, 0))));
        for commit in 1..=6 {
            feed.commit(commit);
            feed.tell(commit - 1, commit);
        }
        let mut place = 0;
        while place < 6 {
            let Some(Ok((from, to))) = next(&mut stream).await else {
                panic!("the stream ended")
            };
            assert_eq!(from, place);
            place = to;
        }
        feed.commit(7);
        feed.tell(6, 7);
        assert_eq!(
            next(&mut stream).await,
            Some(Ok((6, 7))),
            "and follows again"
        );
    }

    #[tokio::test]
    async fn the_last_segment_ends_the_stream() {
        let feed = Feed::with(2);
        feed.database.lock().over = true;
        let mut stream = Box::pin(replay_then_follow(feed, Position::START));
        assert_eq!(next(&mut stream).await, Some(Ok((0, 2))));
        assert_eq!(next(&mut stream).await, None);
    }

    #[tokio::test]
    async fn a_feed_that_never_was_and_one_that_is_deleted_are_told_apart() {
        let feed = Feed::with(1);
        feed.database.lock().stored = None;
        let mut stream = Box::pin(replay_then_follow(feed.clone(), Position::START));
        let error = stream.next().await.expect("an item").expect_err("no feed");
        assert_eq!((error.code(), error.reason()), (ErrorCode::NotFound, None));
        assert!(stream.next().await.is_none());

        let feed = Feed::with(1);
        let mut stream = Box::pin(replay_then_follow(feed.clone(), Position::START));
        assert_eq!(next(&mut stream).await, Some(Ok((0, 1))));
        feed.database.lock().stored = None;
        feed.tell(3, 4);
        let error = stream.next().await.expect("an item").expect_err("deleted");
        assert_eq!(
            (error.code(), error.reason()),
            (ErrorCode::NotFound, Some(reason::DELETED))
        );
        assert!(stream.next().await.is_none());
    }

    #[tokio::test]
    async fn an_outage_ends_a_new_subscription_and_not_one_that_was_served() {
        let outage = ApiError::new(ErrorCode::Unavailable, "away");
        let feed = Feed::with(3);
        feed.database.lock().fail = Some(outage.clone());
        let mut new = Box::pin(replay_then_follow(feed.clone(), Position::START));
        assert_eq!(next(&mut new).await, Some(Err(ErrorCode::Unavailable)));

        let mut served = Box::pin(replay_then_follow(feed.clone(), Position::START));
        assert_eq!(next(&mut served).await, Some(Ok((0, 3))));
        feed.commit(4);
        feed.database.lock().fail = Some(outage);
        feed.tell(9, 10);
        assert_eq!(next(&mut served).await, Some(Ok((3, 4))));
    }
}
