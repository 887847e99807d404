//! Lines that are put together from pieces.
//!
//! Owns: padding, colouring of pieces, and that no line ends in blanks.
//! Must not know: what the pieces say.

use super::paint::{Tone, paint};
use super::{Style, text};

/// Lines, the last of which is being written.
pub(super) struct Lines {
    style: Style,
    text: String,
    /// Blanks that are owed before the next piece, so that none end a line.
    blanks: usize,
}

/// Where a piece stands in the room it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// At the left.
    Left,
    /// At the right.
    Right,
}

impl Lines {
    /// No lines yet.
    pub(super) fn new(style: Style) -> Self {
        Self {
            style,
            text: String::new(),
            blanks: 0,
        }
    }

    /// Leaves room.
    pub(super) fn gap(&mut self, columns: usize) {
        self.blanks += columns;
    }

    /// Adds a piece that takes what it takes. It must have been made safe.
    pub(super) fn piece(&mut self, piece: &str, tone: Tone) {
        if piece.is_empty() {
            return;
        }
        let blanks = std::mem::take(&mut self.blanks);
        self.text.extend(std::iter::repeat_n(' ', blanks));
        self.text.push_str(&paint(piece, tone, self.style));
    }

    /// Adds a piece in room of its own. It must have been made safe, and fit.
    pub(super) fn padded(&mut self, piece: &str, tone: Tone, align: Align, room: usize) {
        let rest = room.saturating_sub(text::width(piece));
        match align {
            Align::Left => {
                self.piece(piece, tone);
                self.gap(rest);
            }
            Align::Right => {
                self.gap(rest);
                self.piece(piece, tone);
            }
        }
    }

    /// Ends the line.
    pub(super) fn end(&mut self) {
        self.blanks = 0;
        self.text.push('\n');
    }

    /// Adds a paragraph from a stranger, with blanks before each line of it.
    pub(super) fn paragraph(&mut self, words: &str, tone: Tone, indent: usize) {
        let room = self.style.columns() - indent;
        for line in text::wrap(words, room, self.style) {
            self.gap(indent);
            self.piece(&line, tone);
            self.end();
        }
    }

    /// Adds lines that are drawn already.
    pub(super) fn drawn(&mut self, lines: &str) {
        self.text.push_str(lines);
    }

    /// All lines.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_ends_in_blanks() {
        let mut lines = Lines::new(Style {
            color: false,
            width: 40,
            unicode: true,
        });
        lines.padded("a", Tone::Plain, Align::Left, 3);
        lines.padded("b", Tone::Plain, Align::Right, 3);
        lines.padded("c", Tone::Plain, Align::Left, 9);
        lines.end();
        lines.padded("d", Tone::Plain, Align::Left, 3);
        lines.end();
        assert_eq!(lines.finish(), "a    bc\nd\n");
    }
}
