//! A collector that is away, told of once: batches that fail by the dozen a minute would fill a log with one message.

use std::fmt;
use std::num::NonZeroU64;

use parking_lot::Mutex;

/// What a collector has not taken since it last took something.
#[derive(Debug)]
pub(super) struct Outage {
    things: &'static str,
    advice: &'static str,
    lost: Mutex<Option<NonZeroU64>>,
}

/// What an attempt changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Begins,
    /// So much was lost.
    Ends(NonZeroU64),
}

impl Outage {
    /// `things` are what it is sent; `advice` is for whoever reads that it does not take them.
    pub(super) const fn of(things: &'static str, advice: &'static str) -> Self {
        Self {
            things,
            advice,
            lost: Mutex::new(None),
        }
    }

    /// Logs that it begins or ends, by the outcome of an attempt to send so many things.
    pub(super) fn note<E: fmt::Display>(&self, outcome: &Result<(), E>, sent: usize) {
        let Self { things, advice, .. } = self;
        match (self.change(outcome.is_ok(), sent), outcome) {
            (Some(Change::Begins), Err(error)) => tracing::warn!(
                %error,
                "the collector does not take {things}; {advice}"
            ),
            (Some(Change::Ends(lost)), _) => {
                tracing::info!(lost, "the collector takes {things} again");
            }
            _ => {}
        }
    }

    fn change(&self, taken: bool, sent: usize) -> Option<Change> {
        let mut lost = self.lost.lock();
        if taken {
            return lost.take().map(Change::Ends);
        }
        let sent = NonZeroU64::new(sent as u64)?;
        let sum = lost.map_or(sent, |lost| lost.saturating_add(sent.get()));
        lost.replace(sum).is_none().then_some(Change::Begins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_of_when_it_begins_and_when_it_ends() {
        let outage = Outage::of("spans", "");
        assert_eq!(outage.change(true, 5), None);
        assert_eq!(outage.change(false, 5), Some(Change::Begins));
        assert_eq!(outage.change(false, 7), None);
        let lost = NonZeroU64::new(12).unwrap();
        assert_eq!(outage.change(true, 5), Some(Change::Ends(lost)));
        assert_eq!(outage.change(true, 5), None);
        assert_eq!(outage.change(false, 1), Some(Change::Begins));
    }
}
