//! Shows lines in the terminal: over and over in place while a run is live, once when it is over.

use std::env;
use std::io::{self, IsTerminal as _, Write};

use crossterm::cursor::{Hide, MoveToColumn, MoveUp, Show};
use crossterm::queue;
use crossterm::style::{Attribute, Color, Print, ResetColor, SetAttribute, SetForegroundColor};
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};

use super::text::{Line, Tone};

/// Whether pictures can be drawn on standard output: a terminal that moves its cursor, and colour is wanted.
pub(crate) fn is_interactive() -> bool {
    io::stdout().is_terminal()
        && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// The part of the terminal that is drawn anew again and again.
#[derive(Debug)]
pub(crate) struct Screen<W: Write> {
    out: W,
    /// Widths of the lines that stand there now.
    drawn: Vec<usize>,
    cursor_hidden: bool,
}

impl<W: Write> Screen<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            drawn: Vec::new(),
            cursor_hidden: false,
        }
    }

    /// Replaces what was drawn before by `above`, which stays, and `lines`, which the next picture replaces.
    pub(crate) fn draw(&mut self, above: &[Line], lines: &[Line], width: usize) -> io::Result<()> {
        queue!(self.out, BeginSynchronizedUpdate)?;
        if !self.cursor_hidden {
            queue!(self.out, Hide)?;
            self.cursor_hidden = true;
        }
        self.erase(width)?;
        for line in above.iter().chain(lines) {
            paint(&mut self.out, line, true)?;
            queue!(self.out, Print("\r\n"))?;
        }
        self.drawn = lines.iter().map(Line::width).collect();
        queue!(self.out, EndSynchronizedUpdate)?;
        self.out.flush()
    }

    /// Replaces what was drawn by `lines` for good, and gives the cursor back.
    pub(crate) fn finish(mut self, lines: &[Line], width: usize) -> io::Result<()> {
        self.draw(lines, &[], width)
    }

    fn erase(&mut self, width: usize) -> io::Result<()> {
        // A terminal made narrower meanwhile has wrapped the lines that stand there.
        let height: usize = self
            .drawn
            .iter()
            .map(|line| line.div_ceil(width.max(1)).max(1))
            .sum();
        queue!(self.out, MoveToColumn(0))?;
        if height > 0 {
            queue!(self.out, MoveUp(u16::try_from(height).unwrap_or(u16::MAX)))?;
        }
        queue!(self.out, Clear(ClearType::FromCursorDown))
    }
}

impl<W: Write> Drop for Screen<W> {
    fn drop(&mut self) {
        if self.cursor_hidden {
            // Nobody is left to tell when the terminal has gone.
            let _ = queue!(self.out, Show).and_then(|()| self.out.flush());
        }
    }
}

/// Writes a line without its end.
pub(crate) fn paint(out: &mut impl Write, line: &Line, coloured: bool) -> io::Result<()> {
    for (tone, text) in &line.pieces {
        if !coloured || *tone == Tone::Plain {
            queue!(out, Print(text))?;
            continue;
        }
        match tone {
            Tone::Plain => {}
            Tone::Strong => queue!(out, SetAttribute(Attribute::Bold))?,
            Tone::Quiet => queue!(out, SetAttribute(Attribute::Dim))?,
            Tone::Running => queue!(out, SetForegroundColor(Color::Cyan))?,
            Tone::Good => queue!(out, SetForegroundColor(Color::Green))?,
            Tone::Bad => queue!(out, SetForegroundColor(Color::Red))?,
            Tone::Stopped => queue!(out, SetForegroundColor(Color::Yellow))?,
        }
        queue!(out, Print(text))?;
        match tone {
            Tone::Strong | Tone::Quiet => queue!(out, SetAttribute(Attribute::Reset))?,
            _ => queue!(out, ResetColor)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(screen: &mut Screen<Vec<u8>>, lines: &[&str], width: usize) -> String {
        screen.out.clear();
        let lines: Vec<Line> = lines
            .iter()
            .map(|text| Line::of(Tone::Plain, text))
            .collect();
        screen.draw(&[], &lines, width).unwrap();
        String::from_utf8(screen.out.clone()).unwrap()
    }

    #[test]
    fn each_picture_replaces_the_one_before() {
        let mut screen = Screen::new(Vec::new());
        let first = draw(&mut screen, &["one", "two"], 80);
        assert!(!first.contains("\x1b[2A"), "{first:?}");
        let second = draw(&mut screen, &["three"], 80);
        assert!(
            second.contains("\x1b[1G\x1b[2A\x1b[Jthree\r\n"),
            "{second:?}"
        );
        let third = draw(&mut screen, &["four"], 80);
        assert!(third.contains("\x1b[1A\x1b[Jfour"), "{third:?}");
    }

    #[test]
    fn lines_wrapped_by_a_narrower_terminal_are_erased_too() {
        let mut screen = Screen::new(Vec::new());
        draw(&mut screen, &["a line of twenty-five col", ""], 80);
        assert!(draw(&mut screen, &["x"], 10).contains("\x1b[4A"));
    }

    #[test]
    fn colour_is_only_written_where_it_is_wanted() {
        let mut line = Line::of(Tone::Bad, "✗ ");
        line.push(Tone::Plain, "fetch");
        let painted = |coloured| {
            let mut out = Vec::new();
            paint(&mut out, &line, coloured).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(painted(false), "✗ fetch");
        assert!(
            painted(true).starts_with("\x1b[38;5;9m✗ \x1b[0m"),
            "{:?}",
            painted(true)
        );
    }

    #[test]
    fn the_cursor_comes_back() {
        let mut out = Vec::new();
        Screen::new(&mut out)
            .finish(&[Line::of(Tone::Plain, "done")], 80)
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("\x1b[?25l") && text.ends_with("\x1b[?25h"),
            "{text:?}"
        );
    }
}
