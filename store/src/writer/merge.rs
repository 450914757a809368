//! What a batch of items amounts to: no row twice, and each span in the last state that the batch gives it.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet, hash_map::Entry},
};

use foldhash::fast::RandomState;

use super::{ExecutionChange, Op, queue::Item};
use crate::{
    ArtifactRecord, ExecutionFailure, ExecutionId, ExecutionStatus, Observation, SpanId,
    SpanLogRecord, SpanRecord, StepRecord, UsageRecord,
};

/// The sum of some items. Numbers of executions are indices into `executions`.
#[derive(Debug, Default)]
pub(super) struct Merged<'a> {
    pub(super) executions: Vec<Execution<'a>>,
    pub(super) spans: Vec<(usize, SpanChange<'a>)>,
    pub(super) steps: Vec<(usize, &'a StepRecord)>,
    pub(super) logs: Vec<(usize, &'a SpanLogRecord)>,
    pub(super) artifacts: Vec<(usize, &'a ArtifactRecord)>,
    /// Items that end another span than an item before them does, with the same id.
    pub(super) clashing: HashSet<usize>,
    numbers: HashMap<ExecutionId, usize, RandomState>,
    span_places: HashMap<(usize, SpanId), usize, RandomState>,
    step_places: HashMap<(usize, &'a str, i32), usize, RandomState>,
}

#[derive(Debug)]
pub(super) struct Execution<'a> {
    pub(super) id: ExecutionId,
    pub(super) lease_epoch: Option<i64>,
    pub(super) change: Option<Change<'a>>,
    pub(super) observed: Option<Observation>,
}

/// All changes of an execution's own row.
#[derive(Debug, Default)]
pub(super) struct Change<'a> {
    pub(super) status: Option<ExecutionStatus>,
    pub(super) root_span_id: Option<SpanId>,
    pub(super) started_ns: Option<i64>,
    /// Set when the batch finishes the execution.
    pub(super) finished_ns: Option<i64>,
    pub(super) outputs: Option<&'a str>,
    pub(super) error: Option<&'a ExecutionFailure>,
}

/// What becomes of a span.
#[derive(Debug)]
pub(super) enum SpanChange<'a> {
    Started(&'a SpanRecord, Option<Progress<'a>>),
    /// Of a span that an earlier batch started, if any did.
    Progress(SpanId, Progress<'a>),
    Ended(&'a SpanRecord),
    /// It started in this batch, in which its execution's worker also leaves it.
    Abandoned(&'a SpanRecord, Option<Progress<'a>>),
}

#[derive(Debug, Clone)]
pub(super) struct Progress<'a> {
    pub(super) attributes: Cow<'a, str>,
    pub(super) usage: Option<&'a UsageRecord>,
    pub(super) first_token_ns: Option<i64>,
}

/// Merges items from the front; also tells how many. An item of another lease epoch than those before it of the same
/// execution is left to the next batch: one batch compares one epoch.
pub(super) fn merge(items: &[Item]) -> (Merged<'_>, usize) {
    let mut merged = Merged::default();
    for (index, item) in items.iter().enumerate() {
        let Some(op) = &item.op else { continue };
        let number = *merged
            .numbers
            .entry(item.execution_id)
            .or_insert(merged.executions.len());
        if number == merged.executions.len() {
            merged.executions.push(Execution {
                id: item.execution_id,
                lease_epoch: item.lease_epoch,
                change: None,
                observed: None,
            });
        } else if merged.executions[number].lease_epoch != item.lease_epoch {
            return (merged, index);
        }
        merged.add(index, number, op);
    }
    (merged, items.len())
}

impl<'a> Merged<'a> {
    fn add(&mut self, index: usize, number: usize, op: &'a Op) {
        match op {
            Op::SpanStarted(span) => self.start(number, span),
            Op::SpanEnded { span, step } => {
                if !self.end(number, span) {
                    self.clashing.insert(index);
                }
                if let Some(step) = step {
                    self.record(number, step);
                }
            }
            Op::Progress {
                span_id,
                attributes,
                usage,
                first_token_ns,
            } => {
                let progress = Progress {
                    attributes: Cow::Borrowed(attributes),
                    usage: usage.as_ref(),
                    first_token_ns: *first_token_ns,
                };
                self.progress(number, *span_id, progress);
            }
            Op::SpanLog(log) => self.logs.push((number, log)),
            Op::Artifact(artifact) => self.artifacts.push((number, artifact)),
            Op::Execution(change) => self.change(number, change),
        }
    }

    fn start(&mut self, number: usize, span: &'a SpanRecord) {
        match self.span(number, span.span_id) {
            // Progress that came before the start met no running span.
            Some(change @ SpanChange::Progress(..)) => *change = SpanChange::Started(span, None),
            Some(_) => {}
            None => self.add_span(number, span.span_id, SpanChange::Started(span, None)),
        }
    }

    /// False when another span was ended by the same id, which is kept.
    fn end(&mut self, number: usize, span: &'a SpanRecord) -> bool {
        match self.span(number, span.span_id) {
            Some(SpanChange::Ended(first)) => return span.is_again(first),
            Some(change) => *change = SpanChange::Ended(span),
            None => self.add_span(number, span.span_id, SpanChange::Ended(span)),
        }
        true
    }

    fn progress(&mut self, number: usize, span_id: SpanId, progress: Progress<'a>) {
        let finished = self.is_finished(number);
        match self.span(number, span_id) {
            Some(SpanChange::Started(_, Some(before)) | SpanChange::Progress(_, before)) => {
                before.add(progress);
            }
            Some(SpanChange::Started(_, none)) => *none = Some(progress),
            Some(SpanChange::Ended(_) | SpanChange::Abandoned(..)) => {}
            None if finished => {}
            None => self.add_span(number, span_id, SpanChange::Progress(span_id, progress)),
        }
    }

    /// The journal of a finished run is deleted: what this batch adds to it must not come after.
    fn record(&mut self, number: usize, step: &'a StepRecord) {
        if self.is_finished(number) {
            return;
        }
        match self
            .step_places
            .entry((number, &step.node_path, step.iteration))
        {
            Entry::Occupied(place) => self.steps[*place.get()].1 = step,
            Entry::Vacant(place) => {
                place.insert(self.steps.len());
                self.steps.push((number, step));
            }
        }
    }

    fn change(&mut self, number: usize, change: &'a ExecutionChange) {
        if let ExecutionChange::Observed(observation) = change {
            match &mut self.executions[number].observed {
                Some(before) => before.add((**observation).clone()),
                none => *none = Some((**observation).clone()),
            }
            return;
        }
        let row = self.executions[number].change.get_or_insert_default();
        match change {
            ExecutionChange::Started {
                started_ns,
                root_span_id,
            } => {
                row.status.get_or_insert(ExecutionStatus::Running);
                row.started_ns.get_or_insert(*started_ns);
                row.root_span_id = Some(*root_span_id);
            }
            ExecutionChange::HandedBack => {
                if row.finished_ns.is_none() {
                    row.status = Some(ExecutionStatus::Queued);
                    self.abandon(number);
                }
            }
            ExecutionChange::Finished {
                status,
                finished_ns,
                outputs,
                error,
            } => {
                row.status = Some(*status);
                row.finished_ns = Some(*finished_ns);
                row.outputs = outputs.as_deref();
                row.error = error.as_ref();
                self.abandon(number);
                self.forget_steps(number);
            }
            ExecutionChange::Observed(_) => {}
        }
    }

    fn abandon(&mut self, number: usize) {
        self.spans
            .retain(|(of, change)| *of != number || !matches!(change, SpanChange::Progress(..)));
        for (_, change) in self.spans.iter_mut().filter(|(of, _)| *of == number) {
            if let SpanChange::Started(span, progress) = change {
                *change = SpanChange::Abandoned(span, progress.take());
            }
        }
        self.span_places = self
            .spans
            .iter()
            .enumerate()
            .map(|(place, (of, change))| ((*of, change.span_id()), place))
            .collect();
    }

    fn forget_steps(&mut self, number: usize) {
        self.steps.retain(|(of, _)| *of != number);
        self.step_places = self
            .steps
            .iter()
            .enumerate()
            .map(|(place, (of, step))| ((*of, step.node_path.as_str(), step.iteration), place))
            .collect();
    }

    fn is_finished(&self, number: usize) -> bool {
        self.executions[number]
            .change
            .as_ref()
            .is_some_and(|change| change.finished_ns.is_some())
    }

    fn span(&mut self, number: usize, span_id: SpanId) -> Option<&mut SpanChange<'a>> {
        let place = *self.span_places.get(&(number, span_id))?;
        Some(&mut self.spans[place].1)
    }

    fn add_span(&mut self, number: usize, span_id: SpanId, change: SpanChange<'a>) {
        self.span_places.insert((number, span_id), self.spans.len());
        self.spans.push((number, change));
    }
}

impl SpanChange<'_> {
    fn span_id(&self) -> SpanId {
        match self {
            Self::Started(span, _) | Self::Ended(span) | Self::Abandoned(span, _) => span.span_id,
            Self::Progress(span_id, _) => *span_id,
        }
    }
}

impl<'a> Progress<'a> {
    fn add(&mut self, later: Self) {
        self.usage = later.usage.or(self.usage);
        self.first_token_ns = later.first_token_ns.or(self.first_token_ns);
        self.attributes =
            lay_over(&self.attributes, &later.attributes).map_or(later.attributes, Cow::Owned);
    }

    /// These attributes laid over those of the start.
    pub(super) fn over<'b>(&'b self, attributes: &'b str) -> Cow<'b, str> {
        lay_over(attributes, &self.attributes).map_or(Cow::Borrowed(attributes), Cow::Owned)
    }
}

/// The members of both objects, the later one's where both have one; `None` when one of the texts is no JSON object.
fn lay_over(before: &str, later: &str) -> Option<String> {
    type Object = serde_json::Map<String, serde_json::Value>;
    let mut object: Object = serde_json::from_str(before).ok()?;
    object.extend(serde_json::from_str::<Object>(later).ok()?);
    serde_json::to_string(&object).ok()
}
