//! The trace of a run as a tree in the terminal: a pure function from what is known to lines, and a screen that shows them.

mod choice;
#[cfg(test)]
mod fixture;
mod lines;
mod model;
mod screen;
mod text;

pub(crate) use self::lines::{ArtifactView, Summary, Viewport, live, news, whole};
pub(crate) use self::model::{SpanView, Standing, Trace};
pub(crate) use self::screen::{Screen, is_interactive, paint};
pub(crate) use self::text::{Line, Tone};
