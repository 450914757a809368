//! Shows a run while it goes on: as a picture that moves, or as lines.

use std::io::{self, Stdout, Write as _};

use crate::logs::HeldMessages;
use crate::terminal::{
    Line, Screen, SpanView, Tone, Viewport, is_interactive, live, news, paint, whole,
};

use super::follow::Follower;

/// Without a terminal nobody says how wide lines may be.
const PLAIN_WIDTH: usize = 110;

/// Where and how a run is shown.
pub(super) enum Show {
    Picture {
        screen: Screen<Stdout>,
        messages: HeldMessages,
        frame: usize,
    },
    Lines,
    /// Standard output is for something else.
    Nothing,
}

impl Show {
    pub(super) fn new(json: bool, messages: HeldMessages) -> Self {
        if json {
            Self::Nothing
        } else if is_interactive() {
            Self::Picture {
                screen: Screen::new(io::stdout()),
                messages,
                frame: 0,
            }
        } else {
            Self::Lines
        }
    }

    /// What is known before anything has happened: what runs, and where else to watch it.
    pub(super) fn heading(&mut self, lines: &[Line]) -> io::Result<()> {
        match self {
            Self::Picture { .. } => print(lines, true),
            Self::Lines => print(lines, false),
            Self::Nothing => Ok(()),
        }
    }

    /// Tells what changed.
    pub(super) fn changed(&mut self, spans: &[SpanView]) -> io::Result<()> {
        match self {
            Self::Lines => print(&spans.iter().map(news).collect::<Vec<_>>(), false),
            Self::Picture { .. } | Self::Nothing => Ok(()),
        }
    }

    /// Draws the next picture.
    pub(super) fn draw(&mut self, follower: &Follower) -> io::Result<()> {
        let Self::Picture {
            screen,
            messages,
            frame,
        } = self
        else {
            return Ok(());
        };
        *frame += 1;
        let viewport = viewport(*frame);
        let above: Vec<Line> = messages
            .take()
            .iter()
            .map(|text| Line::of(Tone::Quiet, text))
            .collect();
        screen.draw(
            &above,
            &live(&follower.trace, &follower.summary, viewport),
            viewport.width,
        )
    }

    /// Draws the last picture, which stays.
    pub(super) fn finish(self, follower: &Follower) -> io::Result<()> {
        match self {
            Self::Picture {
                screen,
                messages,
                frame,
            } => {
                let viewport = viewport(frame);
                let mut lines: Vec<Line> = messages
                    .take()
                    .iter()
                    .map(|text| Line::of(Tone::Quiet, text))
                    .collect();
                lines.extend(whole(&follower.trace, &follower.summary, viewport));
                screen.finish(&lines, viewport.width)
            }
            Self::Lines => {
                let viewport = Viewport {
                    width: PLAIN_WIDTH,
                    ..viewport(0)
                };
                let mut lines = vec![Line::default()];
                lines.extend(whole(&follower.trace, &follower.summary, viewport));
                print(&lines, false)
            }
            Self::Nothing => Ok(()),
        }
    }
}

fn viewport(frame: usize) -> Viewport {
    let (width, height) = crossterm::terminal::size().unwrap_or((80, 24));
    Viewport {
        width: width.into(),
        height: height.into(),
        now_ns: chrono::Utc::now().timestamp_nanos_opt().unwrap_or(i64::MAX),
        frame,
    }
}

fn print(lines: &[Line], coloured: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in lines {
        paint(&mut out, line, coloured)?;
        writeln!(out)?;
    }
    out.flush()
}
