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
    start_ns: i64,
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
    /// The progress of a span that began at `start_ns`, in nanoseconds since the Unix epoch, with these attributes, already redacted.
    pub(crate) fn new(start_ns: i64, start: &[KeyValue]) -> Self {
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
            start_ns,
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

    /// The usage that attributes, already redacted, tell of the span's model, and when its first token came, in nanoseconds
    /// since the Unix epoch.
    pub(crate) fn told(&self, latest: &[KeyValue]) -> (Option<UsageRecord>, Option<i64>) {
        let meaning = Meaning::of("", &[&self.model, latest].concat());
        let first_token = meaning.first_token.map(|token| token.ns(self.start_ns));
        (meaning.usage, first_token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_update_is_told_at_once_and_the_rest_four_times_a_second() {
        let mut progress = Progress::new(0, &[]);
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
    fn what_is_told_is_of_the_model_and_the_start_that_the_span_began_with() {
        let start = [
            KeyValue::new(keys::OPERATION_NAME, "chat"),
            KeyValue::new(keys::REQUEST_MODEL, "offline:echo"),
        ];
        let mut progress = Progress::new(1_000, &start);
        let offered = vec![
            KeyValue::new(keys::USAGE_OUTPUT, 12),
            KeyValue::new(keys::TIME_TO_FIRST_CHUNK, 0.25),
        ];
        progress.offer(offered, Instant::now());
        let latest = progress.take(Instant::now());
        let (usage, first_token_ns) = progress.told(&latest);
        let usage = usage.expect("usage");
        assert_eq!(first_token_ns, Some(250_001_000));
        assert_eq!(
            (usage.model.as_deref(), usage.output, usage.counted),
            (Some("offline:echo"), 12, true)
        );
    }
}
