//! Lays a trace out as lines: one a span, with its place in the tree, its state, its duration and its tokens.

use unicode_width::UnicodeWidthStr as _;

use super::choice::{Item, choose};
use super::model::{Row, SpanView, Standing, Trace};
use super::text::{Line, Tone, bytes, count, duration, wrapped};

/// Wider, and the eye loses the way from a name to its duration.
const WIDEST: usize = 110;

/// Narrower, and the tokens, then the durations, are left out.
const TOKENS_FROM: usize = 56;
const DURATIONS_FROM: usize = 24;

const DURATION_COLUMNS: usize = 9;

/// Lines of an error's message that are shown below its span.
const ERROR_LINES: usize = 4;

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// What the lines have to fit, in columns and lines, and the time that they show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewport {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Nanoseconds since the epoch.
    pub(crate) now_ns: i64,
    /// Counts the pictures, and so moves what turns.
    pub(crate) frame: usize,
}

/// The run as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub(crate) standing: Standing,
    /// `running`, `waiting for PostgreSQL`, `failed`: what is said of it.
    pub(crate) word: String,
    pub(crate) started_ns: Option<i64>,
    pub(crate) ended_ns: Option<i64>,
    pub(crate) artifacts: Vec<ArtifactView>,
}

#[derive(Clone, Debug)]
pub(crate) struct ArtifactView {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size_bytes: i64,
}

/// The picture of a run that is going on: at most as high as the viewport.
pub(crate) fn live(trace: &Trace, summary: &Summary, viewport: Viewport) -> Vec<Line> {
    let rows = trace.rows();
    let items = choose(&rows, viewport.height.saturating_sub(2));
    let layout = Layout::new(&rows, &items, viewport);
    let mut lines: Vec<Line> = items.iter().map(|item| layout.item(&rows, *item)).collect();
    lines.push(Line::default());
    lines.push(summary_line(trace, summary, viewport));
    fit(lines, viewport)
}

/// The picture of a run that is over: every span, the errors' messages, the artifacts.
pub(crate) fn whole(trace: &Trace, summary: &Summary, viewport: Viewport) -> Vec<Line> {
    let rows = trace.rows();
    let items: Vec<Item> = (0..rows.len()).map(Item::Row).collect();
    let layout = Layout::new(&rows, &items, viewport);
    let mut lines = Vec::with_capacity(rows.len() + 8);
    for index in 0..rows.len() {
        lines.push(layout.item(&rows, Item::Row(index)));
        lines.extend(layout.error(&rows, index));
    }
    lines.push(Line::default());
    lines.push(summary_line(trace, summary, viewport));
    for artifact in &summary.artifacts {
        let mut line = Line::of(Tone::Quiet, "  artifact ");
        line.push(Tone::Plain, &artifact.name);
        let rest = format!("  {}, {}", artifact.media_type, bytes(artifact.size_bytes));
        line.push(Tone::Quiet, &rest);
        lines.push(line);
    }
    fit(lines, viewport)
}

/// A span's news as one line, for where no picture can be drawn.
pub(crate) fn news(span: &SpanView) -> Line {
    let word = match span.standing {
        Standing::Running => "started  ",
        Standing::Succeeded => "succeeded",
        Standing::Failed => "failed   ",
        Standing::Stopped => "stopped  ",
    };
    let mut line = Line::of(tone(span.standing), word);
    line.push(Tone::Plain, &format!(" {}", span.name));
    if !span.note.is_empty() {
        line.push(Tone::Quiet, &format!(" {}", span.note));
    }
    if let Some(end_ns) = span.end_ns {
        line.push(
            Tone::Quiet,
            &format!("  {}", duration(end_ns - span.start_ns)),
        );
    }
    if span.tokens != (0, 0) {
        line.push(Tone::Quiet, &format!("  {}", token_text(span.tokens)));
    }
    if let Some(error) = &span.error {
        line.push(Tone::Bad, &format!("  {error}"));
    }
    line
}

fn fit(mut lines: Vec<Line>, viewport: Viewport) -> Vec<Line> {
    // The last column stays free: some terminals wrap when it is written.
    let columns = viewport.width.saturating_sub(1).max(1);
    lines.iter_mut().for_each(|line| line.truncate(columns));
    lines
}

/// Columns of one picture.
struct Layout {
    names: usize,
    durations: bool,
    tokens: usize,
    deepest_indent: usize,
    viewport: Viewport,
}

impl Layout {
    fn new(rows: &[Row<'_>], items: &[Item], viewport: Viewport) -> Self {
        let width = viewport.width.saturating_sub(1).min(WIDEST);
        let shown = || {
            items.iter().filter_map(|item| match item {
                Item::Row(index) => Some(&rows[*index]),
                Item::Gap(_) => None,
            })
        };
        let widest_tokens = shown()
            .filter(|row| row.tokens != (0, 0))
            .map(|row| token_text(row.tokens).width())
            .max();
        let tokens = match widest_tokens {
            Some(widest) if width >= TOKENS_FROM => widest + 2,
            _ => 0,
        };
        let durations = width >= DURATIONS_FROM;
        let rest = width - tokens.min(width) - if durations { DURATION_COLUMNS } else { 0 };
        let deepest_indent = rest / 2 / 3;
        let longest = shown()
            .map(|row| {
                row.depth.min(deepest_indent) * 3 + 2 + row.span.name.width() + note_width(row.span)
            })
            .max()
            .unwrap_or(0);
        Self {
            names: (longest + 2).clamp(rest.min(32), rest),
            durations,
            tokens,
            deepest_indent,
            viewport,
        }
    }

    fn item(&self, rows: &[Row<'_>], item: Item) -> Line {
        match item {
            Item::Row(index) => self.row(rows, index),
            Item::Gap(count) => Line::of(Tone::Quiet, &format!("⋮  {count} more")),
        }
    }

    fn row(&self, rows: &[Row<'_>], index: usize) -> Line {
        let span = rows[index].span;
        let mut line = Line::of(Tone::Quiet, &self.guides(rows, index, true));
        let glyph = match span.standing {
            Standing::Running => SPINNER[self.viewport.frame % SPINNER.len()],
            Standing::Succeeded => "✓",
            Standing::Failed => "✗",
            Standing::Stopped => "⊘",
        };
        line.push(tone(span.standing), &format!("{glyph} "));
        let name = match span.standing {
            Standing::Failed => Tone::Bad,
            _ if rows[index].depth == 0 => Tone::Strong,
            _ => Tone::Plain,
        };
        line.push(name, &span.name);
        if !span.note.is_empty() {
            line.push(Tone::Quiet, &format!(" {}", span.note));
        }
        line.truncate(self.names.saturating_sub(1).max(1));
        if self.durations {
            let text = duration(span.end_ns.unwrap_or(self.viewport.now_ns) - span.start_ns);
            line.pad_to((self.names + DURATION_COLUMNS).saturating_sub(text.width()));
            let running = span.standing == Standing::Running;
            line.push(if running { Tone::Running } else { Tone::Plain }, &text);
        }
        if self.tokens > 0 && rows[index].tokens != (0, 0) {
            let text = token_text(rows[index].tokens);
            line.pad_to(
                self.names + DURATION_COLUMNS + self.tokens - text.width().min(self.tokens),
            );
            line.push(Tone::Quiet, &text);
        }
        line
    }

    /// The message of a failed span, below it, unless a span below it says the same.
    fn error(&self, rows: &[Row<'_>], index: usize) -> Vec<Line> {
        let Some(message) = rows[index].span.error.as_deref() else {
            return Vec::new();
        };
        let depth = rows[index].depth;
        let below = rows[index + 1..].iter().take_while(|row| row.depth > depth);
        let has_children = below.clone().next().is_some();
        if below
            .filter_map(|row| row.span.error.as_deref())
            .any(|error| message.contains(error))
        {
            return Vec::new();
        }
        let mut guides = self.guides(rows, index, false);
        guides.push_str(if has_children { "│ " } else { "  " });
        let columns =
            (self.viewport.width.saturating_sub(1).min(WIDEST)).saturating_sub(guides.width());
        wrapped(message, columns, ERROR_LINES)
            .into_iter()
            .map(|text| {
                let mut line = Line::of(Tone::Quiet, &guides);
                line.push(Tone::Bad, &text);
                line
            })
            .collect()
    }

    /// The lines that lead from the parents to a row (`branch`), or past it to what is below.
    fn guides(&self, rows: &[Row<'_>], index: usize, branch: bool) -> String {
        let row = &rows[index];
        if row.depth > self.deepest_indent {
            return format!("…{} ", row.depth);
        }
        let mut guides = Vec::new();
        let mut next = Some((index, branch));
        while let Some((index, branch)) = next {
            let row = &rows[index];
            if row.depth > 0 {
                guides.push(match (branch, row.is_last) {
                    (true, true) => "└─ ",
                    (true, false) => "├─ ",
                    (false, true) => "   ",
                    (false, false) => "│  ",
                });
            }
            next = row.parent.map(|parent| (parent, false));
        }
        guides.reverse();
        guides.concat()
    }
}

fn note_width(span: &SpanView) -> usize {
    if span.note.is_empty() {
        0
    } else {
        span.note.width() + 1
    }
}

fn summary_line(trace: &Trace, summary: &Summary, viewport: Viewport) -> Line {
    let glyph = match summary.standing {
        Standing::Running => SPINNER[viewport.frame % SPINNER.len()],
        Standing::Succeeded => "✓",
        Standing::Failed => "✗",
        Standing::Stopped => "⊘",
    };
    let mut line = Line::of(tone(summary.standing), &format!("{glyph} {}", summary.word));
    let mut facts = Vec::new();
    if let Some(started_ns) = summary.started_ns {
        facts.push(duration(
            summary.ended_ns.unwrap_or(viewport.now_ns) - started_ns,
        ));
    }
    facts.push(match trace.len() {
        1 => "1 span".to_owned(),
        spans => format!("{} spans", count(i64::try_from(spans).unwrap_or(i64::MAX))),
    });
    let (input, output) = trace.tokens();
    if (input, output) != (0, 0) {
        facts.push(format!("{} tokens in, {} out", count(input), count(output)));
    }
    line.push(Tone::Quiet, &format!("  {}", facts.join(" · ")));
    line
}

/// Input and output tokens.
fn token_text((input, output): (i64, i64)) -> String {
    format!("↑{} ↓{}", count(input), count(output))
}

fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Running => Tone::Running,
        Standing::Succeeded => Tone::Good,
        Standing::Failed => Tone::Bad,
        Standing::Stopped => Tone::Stopped,
    }
}

#[cfg(test)]
mod tests;
