//! Progress of a running span: coalesced, the last value wins, four updates a second at most.

use std::mem;
use std::time::Duration;

use opentelemetry::KeyValue;
use orcheo_store::UsageRecord;
use tokio::time::Instant;

use crate::conventions::{Meaning, keys};

/// Four updates a second: what a reader can follow, and what the store can bear of thousands of spans.
const INTERVAL: Duration = Duration::from_millis(250);

/// What a span was offered and has not yet told. Bounded by the number of different keys.
#[derive(Debug)]
pub(crate) struct Progress {
    /// Whose usage it is, as the span said when it began.
    model: Vec<KeyValue>,
    latest: Vec<KeyValue>,
    told: Option<Instant>,
    scheduled: bool,
}

/// When the latest attributes are to be told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Update {
    Now,
    At(Instant),
    /// Somebody will come for them already.
    Scheduled,
}

impl Progress {
    /// The progress of a span that began with these attributes, already redacted.
    pub(crate) fn new(start: &[KeyValue]) -> Self {
        const NAMES: [&str; 3] = [
            keys::OPERATION_NAME,
            keys::PROVIDER_NAME,
            keys::REQUEST_MODEL,
        ];
        let model = start
            .iter()
            .filter(|attribute| NAMES.contains(&attribute.key.as_str()))
            .cloned()
            .collect();
        Self {
            model,
            latest: Vec::new(),
            told: None,
            scheduled: false,
        }
    }

    pub(crate) fn offer(&mut self, attributes: Vec<KeyValue>, now: Instant) -> Update {
        for attribute in attributes {
            match self
                .latest
                .iter_mut()
                .find(|held| held.key == attribute.key)
            {
                Some(held) => held.value = attribute.value,
                None => self.latest.push(attribute),
            }
        }
        if self.scheduled {
            return Update::Scheduled;
        }
        match self
            .told
            .map(|told| told + INTERVAL)
            .filter(|due| *due > now)
        {
            None => Update::Now,
            Some(due) => {
                self.scheduled = true;
                Update::At(due)
            }
        }
    }

    /// The latest attributes, not yet redacted.
    pub(crate) fn take(&mut self, now: Instant) -> Vec<KeyValue> {
        self.told = Some(now);
        self.scheduled = false;
        mem::take(&mut self.latest)
    }

    /// The usage that attributes, already redacted, tell of the span's model.
    pub(crate) fn usage(&self, latest: &[KeyValue]) -> Option<UsageRecord> {
        Meaning::of(&[&self.model, latest].concat()).usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_update_is_told_at_once_and_the_rest_four_times_a_second() {
        let mut progress = Progress::new(&[]);
        let begin = Instant::now();
        let later = begin + INTERVAL / 2;
        let due = begin + INTERVAL;
        assert_eq!(
            progress.offer(vec![KeyValue::new("n", 1)], begin),
            Update::Now
        );
        progress.take(begin);
        assert_eq!(
            progress.offer(vec![KeyValue::new("n", 2)], later),
            Update::At(due)
        );
        assert_eq!(
            progress.offer(vec![KeyValue::new("n", 3), KeyValue::new("m", 1)], later),
            Update::Scheduled
        );
        assert_eq!(
            progress.take(due),
            [KeyValue::new("n", 3), KeyValue::new("m", 1)]
        );
        assert_eq!(
            progress.offer(vec![KeyValue::new("n", 4)], due + INTERVAL),
            Update::Now
        );
    }

    #[test]
    fn usage_is_of_the_model_that_the_span_began_with() {
        let mut progress = Progress::new(&[
            KeyValue::new(keys::OPERATION_NAME, "chat"),
            KeyValue::new(keys::REQUEST_MODEL, "offline:echo"),
        ]);
        progress.offer(vec![KeyValue::new(keys::USAGE_OUTPUT, 12)], Instant::now());
        let latest = progress.take(Instant::now());
        let usage = progress.usage(&latest).expect("usage");
        assert_eq!(
            (usage.model.as_deref(), usage.output, usage.counted),
            (Some("offline:echo"), 12, true)
        );
    }
}
