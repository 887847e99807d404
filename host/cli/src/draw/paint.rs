//! The colours of the terminal output.
//!
//! Owns: which colour stands for what. Must not know: what is coloured.

use anstyle::{AnsiColor, Style as Sgr};

use super::Style;

/// What a piece of text is, as far as its colour goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Nothing in particular.
    Plain,
    /// A title or the head of a table.
    Heading,
    /// Of less weight than the rest.
    Dim,
    /// Money above zero.
    Gain,
    /// Money below zero.
    Loss,
    /// Something to look at.
    Warning,
    /// A part of a chart, by its number.
    Part(usize),
}

/// Colours that differ on dark and on light ground.
const PARTS: [AnsiColor; 6] = [
    AnsiColor::Blue,
    AnsiColor::Yellow,
    AnsiColor::Green,
    AnsiColor::Magenta,
    AnsiColor::Cyan,
    AnsiColor::Red,
];

impl Tone {
    fn sgr(self) -> Sgr {
        match self {
            Self::Plain => Sgr::new(),
            Self::Heading => Sgr::new().bold(),
            Self::Dim => Sgr::new().dimmed(),
            Self::Gain => AnsiColor::Green.on_default(),
            Self::Loss => AnsiColor::Red.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Part(number) => PARTS[number % PARTS.len()].on_default(),
        }
    }
}

/// The text in its colour, or as it is where there are no colours.
pub(super) fn paint(text: &str, tone: Tone, style: Style) -> String {
    let sgr = tone.sgr();
    if !style.color || sgr.is_plain() || text.is_empty() {
        return text.to_owned();
    }
    format!("{sgr}{text}{sgr:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_colour_where_none_is_wanted() {
        let style = Style {
            color: false,
            width: 80,
            unicode: true,
        };
        assert_eq!(paint("-1", Tone::Loss, style), "-1");
        let style = Style {
            color: true,
            ..style
        };
        assert_eq!(paint("-1", Tone::Loss, style), "\u{1b}[31m-1\u{1b}[0m");
        assert_eq!(paint("", Tone::Loss, style), "");
    }
}
