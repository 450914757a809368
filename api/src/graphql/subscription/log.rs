//! The newest items of a feed, kept within a bound, and any number of followers, each at its own place.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::watch;

/// Written by one, followed by many. What nobody has followed up to when the bound is reached is dropped, and those who
/// wanted it are told.
pub(super) struct Log<T> {
    max_weight: usize,
    state: Mutex<State<T>>,
    bell: watch::Sender<()>,
}

struct State<T> {
    items: VecDeque<(T, usize)>,
    /// Number of the first of `items`, counted from the beginning of the log.
    first: u64,
    weight: usize,
    closed: bool,
}

/// What a follower finds at its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<T> {
    Item(T),
    /// Items were dropped before this follower came to them; it goes on with what is pushed from now on.
    Lagged,
    /// Nothing will come any more.
    Closed,
}

/// A place in a log. Starts at its end.
pub(super) struct Follower<T> {
    log: Arc<Log<T>>,
    next: u64,
    bell: watch::Receiver<()>,
}

impl<T: Clone> Log<T> {
    /// Keeps items up to `max_weight` together, and the newest one whatever it weighs.
    pub(super) fn new(max_weight: usize) -> Arc<Self> {
        let state = State {
            items: VecDeque::new(),
            first: 0,
            weight: 0,
            closed: false,
        };
        Arc::new(Self {
            max_weight,
            state: Mutex::new(state),
            bell: watch::Sender::new(()),
        })
    }

    pub(super) fn push(&self, item: T, weight: usize) {
        let mut state = self.state.lock();
        state.items.push_back((item, weight));
        state.weight += weight;
        while state.weight > self.max_weight && state.items.len() > 1 {
            if let Some((_, dropped)) = state.items.pop_front() {
                state.weight -= dropped;
                state.first += 1;
            }
        }
        drop(state);
        self.bell.send_replace(());
    }

    /// Ends the log once its followers have seen all of it.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.bell.send_replace(());
    }

    pub(super) fn follow(self: &Arc<Self>) -> Follower<T> {
        // The bell first: what is pushed between the two is then seen, not slept over.
        let bell = self.bell.subscribe();
        let state = self.state.lock();
        let next = state.first + state.items.len() as u64;
        drop(state);
        Follower {
            log: self.clone(),
            next,
            bell,
        }
    }

    pub(super) fn followers(&self) -> usize {
        self.bell.receiver_count()
    }
}

impl<T: Clone> Follower<T> {
    /// What is at this place, waiting for it if need be. Cancel-safe.
    pub(super) async fn next(&mut self) -> Found<T> {
        loop {
            if let Some(found) = self.try_next() {
                return found;
            }
            if self.bell.changed().await.is_err() {
                return Found::Closed;
            }
        }
    }

    fn try_next(&mut self) -> Option<Found<T>> {
        let state = self.log.state.lock();
        let Some(index) = self.next.checked_sub(state.first) else {
            self.next = state.first + state.items.len() as u64;
            return Some(Found::Lagged);
        };
        match state.items.get(index as usize) {
            Some((item, _)) => {
                self.next += 1;
                Some(Found::Item(item.clone()))
            }
            None => state.closed.then_some(Found::Closed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_follower_sees_what_is_pushed_after_it_came_and_then_the_end() {
        let log = Log::new(100);
        log.push("before", 1);
        let mut follower = log.follow();
        log.push("one", 1);
        let waiting = tokio::spawn(async move {
            let mut seen = Vec::new();
            loop {
                match follower.next().await {
                    Found::Closed => return seen,
                    found => seen.push(found),
                }
            }
        });
        tokio::task::yield_now().await;
        log.push("two", 1);
        log.close();
        let seen = waiting.await.expect("no panic");
        assert_eq!(seen, [Found::Item("one"), Found::Item("two")]);
    }

    #[tokio::test]
    async fn a_follower_that_is_too_slow_is_told_and_goes_on_at_the_end() {
        let log = Log::new(10);
        let mut slow = log.follow();
        let mut quick = log.follow();
        for n in 0..4 {
            log.push(n, 4);
            assert_eq!(quick.next().await, Found::Item(n));
        }
        assert_eq!(slow.next().await, Found::Lagged);
        log.push(4, 4);
        assert_eq!(slow.next().await, Found::Item(4));
    }

    #[tokio::test]
    async fn the_newest_item_is_kept_whatever_it_weighs() {
        let log = Log::new(1);
        let mut follower = log.follow();
        log.push("heavy", 1_000);
        assert_eq!(follower.next().await, Found::Item("heavy"));
    }

    #[test]
    fn followers_are_counted_until_they_leave() {
        let log = Log::<()>::new(1);
        let follower = log.follow();
        assert_eq!(log.followers(), 1);
        drop(follower);
        assert_eq!(log.followers(), 0);
    }
}
