//! A place in the feed of one execution.

use orcheo_store::{ExecutionId, Revision, SpanId};

use crate::graphql::scalars::RevisionCursor;

/// Everything up to here was delivered. Within a commit the artifacts come first, then the spans by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    revision: Revision,
    part: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// The artifacts, and the spans up to this one.
    Through(SpanId),
    All,
}

impl Position {
    /// Before everything.
    pub(crate) const START: Self = Self::after(0);

    /// After the whole commit.
    pub(crate) const fn after(revision: Revision) -> Self {
        Self {
            revision,
            part: Part::All,
        }
    }

    /// After this span of the commit.
    pub(crate) const fn through(revision: Revision, span: SpanId) -> Self {
        Self {
            revision,
            part: Part::Through(span),
        }
    }

    /// The last commit that was delivered whole: what is newer has to be read.
    pub(crate) fn whole(self) -> Revision {
        match self.part {
            Part::All => self.revision,
            Part::Through(_) => self.revision - 1,
        }
    }

    /// Whether a span of a commit lies behind this place.
    pub(crate) fn has_span(self, revision: Revision, span: SpanId) -> bool {
        Self::through(revision, span) <= self
    }

    /// Whether an artifact of a commit lies behind this place.
    pub(crate) fn has_artifact(self, revision: Revision) -> bool {
        revision <= self.revision
    }

    /// What a client sends back to go on from here.
    pub(crate) fn cursor(self, execution: ExecutionId) -> RevisionCursor {
        let span = match self.part {
            Part::All => None,
            Part::Through(span) => Some(span),
        };
        RevisionCursor {
            execution,
            revision: self.revision,
            span,
        }
    }
}

impl From<RevisionCursor> for Position {
    fn from(cursor: RevisionCursor) -> Self {
        match cursor.span {
            None => Self::after(cursor.revision),
            Some(span) => Self::through(cursor.revision, span),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_ordered_as_things_are_delivered() {
        let span = |id| SpanId([id; 8]);
        let order = [
            Position::START,
            Position::through(1, span(1)),
            Position::through(1, span(2)),
            Position::after(1),
            Position::through(2, span(0)),
            Position::after(2),
        ];
        assert!(order.is_sorted());
        let middle = Position::through(1, span(1));
        assert!(middle.has_span(1, span(1)) && !middle.has_span(1, span(2)));
        assert!(middle.has_artifact(1) && !middle.has_artifact(2));
        assert_eq!((middle.whole(), Position::after(1).whole()), (0, 1));
    }

    #[test]
    fn a_place_survives_as_a_cursor() {
        let execution = ExecutionId::new();
        for position in [Position::after(7), Position::through(7, SpanId([3; 8]))] {
            assert_eq!(Position::from(position.cursor(execution)), position);
        }
    }
}
