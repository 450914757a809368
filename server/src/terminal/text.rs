//! Text as a terminal shows it: pieces with a tone, measured in columns.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// What a piece of text means; colour follows from it, and never stands alone: a glyph or a word says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Strong,
    Quiet,
    Running,
    Good,
    Bad,
    Stopped,
}

/// One line; its pieces are free of control characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(super) pieces: Vec<(Tone, String)>,
}

impl Line {
    pub(crate) fn of(tone: Tone, text: &str) -> Self {
        let mut line = Self::default();
        line.push(tone, text);
        line
    }

    pub(crate) fn push(&mut self, tone: Tone, text: &str) {
        if !text.is_empty() {
            self.pieces.push((tone, clean(text)));
        }
    }

    /// In terminal columns.
    pub(crate) fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.width()).sum()
    }

    /// Fills up with spaces to `column`.
    pub(super) fn pad_to(&mut self, column: usize) {
        let missing = column.saturating_sub(self.width());
        self.push(Tone::Plain, &" ".repeat(missing));
    }

    /// Cuts what goes beyond `columns`, marked by an ellipsis.
    pub(crate) fn truncate(&mut self, columns: usize) {
        let mut used = 0;
        for index in 0..self.pieces.len() {
            let width = self.pieces[index].1.width();
            let rest = self.pieces[index + 1..]
                .iter()
                .any(|(_, text)| !text.trim_end().is_empty());
            if used + width > columns || (used + width == columns && rest) {
                let text = &mut self.pieces[index].1;
                *text = truncated(text, columns - used, rest);
                self.pieces.truncate(index + 1);
                return;
            }
            used += width;
        }
    }

    #[cfg(test)]
    pub(super) fn text(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// The beginning of `text` that fits, with an ellipsis when something is missing (`more`: beyond the text itself).
fn truncated(text: &str, columns: usize, more: bool) -> String {
    if !more && text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        if used + grapheme.width() + 1 > columns {
            break;
        }
        used += grapheme.width();
        kept.push_str(grapheme);
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// Without what would move the cursor, change the terminal's state, or turn the direction of the text.
fn clean(text: &str) -> String {
    let invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if invisible(c) { ' ' } else { c })
        .collect()
}

/// Breaks a text into lines of at most `columns`, at most `lines` of them, at spaces where it can.
pub(super) fn wrapped(text: &str, columns: usize, lines: usize) -> Vec<String> {
    let columns = columns.max(8);
    let mut out: Vec<String> = vec![String::new()];
    for word in clean(text).split_whitespace() {
        for part in split_wide(word, columns) {
            let current = out.last().map_or(0, |line| line.width());
            match out.last_mut() {
                Some(line) if current == 0 => line.push_str(&part),
                Some(line) if current + 1 + part.width() <= columns => {
                    line.push(' ');
                    line.push_str(&part);
                }
                _ => out.push(part),
            }
            if out.len() > lines {
                out.truncate(lines);
                if let Some(last) = out.last_mut() {
                    *last = truncated(last, columns, true);
                }
                return out;
            }
        }
    }
    out
}

/// A word wider than a line, in parts that fit.
fn split_wide(word: &str, columns: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut used = 0;
    for grapheme in word.graphemes(true) {
        if used + grapheme.width() > columns {
            parts.push(String::new());
            used = 0;
        }
        used += grapheme.width();
        if let Some(part) = parts.last_mut() {
            part.push_str(grapheme);
        }
    }
    parts
}

/// `412µs`, `31ms`, `2.41s`, `3m 07s`, `2h 05m`: three digits that matter.
pub(crate) fn duration(nanoseconds: i64) -> String {
    let ns = nanoseconds.max(0);
    let (micros, millis, seconds) = (ns / 1_000, ns / 1_000_000, ns / 1_000_000_000);
    match seconds {
        0 if millis == 0 => format!("{micros}µs"),
        0 => format!("{millis}ms"),
        1..60 => format!("{}.{:02}s", seconds, ns / 10_000_000 % 100),
        60..3_600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
    }
}

/// With a comma between groups of three digits.
pub(crate) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 {
        text.insert(0, '-');
    }
    text
}

/// `640 B`, `2.1 kB`, `17 MB`.
pub(crate) fn bytes(number: i64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut size = number as f64;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < UNITS.len() {
        size /= 1_000.0;
        unit += 1;
    }
    if unit == 0 || size >= 9.95 {
        format!("{size:.0} {}", UNITS[unit])
    } else {
        format!("{size:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, columns: usize) -> String {
        let mut line = Line::of(Tone::Plain, text);
        line.truncate(columns);
        assert!(line.width() <= columns, "{line:?}");
        line.text()
    }

    #[test]
    fn what_does_not_fit_is_cut_at_a_character_and_marked() {
        assert_eq!(cut("greeting", 8), "greeting");
        assert_eq!(cut("greeting", 7), "greeti…");
        assert_eq!(cut("問い合わせ", 6), "問い…");
        assert_eq!(cut("👩‍👩‍👧 family", 4), "👩‍👩‍👧 …");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("x", 0), "");
    }

    #[test]
    fn a_cut_between_two_pieces_is_marked_too() {
        let mut line = Line::of(Tone::Plain, "abc");
        line.push(Tone::Bad, "def");
        line.truncate(3);
        assert_eq!(line.text(), "ab…");
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(
            Line::of(Tone::Plain, "a\x1b[2Jb\r\nc\u{202e}d").text(),
            "a [2Jb  c d"
        );
    }

    #[test]
    fn long_texts_break_at_spaces_and_long_words_anywhere() {
        assert_eq!(
            wrapped("connection refused by host", 12, 5),
            ["connection", "refused by", "host"]
        );
        assert_eq!(wrapped("abcdefghijkl", 8, 5), ["abcdefgh", "ijkl"]);
        assert_eq!(
            wrapped("one two three four five six", 8, 2),
            ["one two", "three…"]
        );
    }

    #[test]
    fn durations_and_counts_are_short() {
        let durations = [
            0,
            412_345,
            31_900_000,
            2_419_000_000,
            187_000_000_000,
            7_500_000_000_000,
        ];
        assert_eq!(
            durations.map(duration),
            ["0µs", "412µs", "31ms", "2.41s", "3m 07s", "2h 05m"]
        );
        assert_eq!(
            [0, 999, 1_204, -1_234_567].map(count),
            ["0", "999", "1,204", "-1,234,567"]
        );
        assert_eq!(
            [0, 640, 2_100, 16_700_000, 999_999].map(bytes),
            ["0 B", "640 B", "2.1 kB", "17 MB", "1.0 MB"]
        );
    }
}
