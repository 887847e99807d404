//! Everything that is words: paragraphs, fields, headings.
//!
//! Owns: how they are laid out. Must not know: what they say.

use lombard_model::view::{Cell, Kind};

use super::layout::{Align, Lines};
use super::paint::Tone;
use super::value::{self, Shown};
use super::{Style, text};

/// Blanks between a label and its value.
const GAP: usize = 2;

/// A title with a line beneath, so that it stands out without colours too.
pub(super) fn title(words: &str, style: Style) -> String {
    let mut lines = Lines::new(style);
    let words = text::clip(words, style.columns(), style);
    lines.piece(&words, Tone::Heading);
    lines.end();
    let rule = if style.unicode { "═" } else { "=" };
    lines.piece(&rule.repeat(text::width(&words)), Tone::Dim);
    lines.end();
    lines.finish()
}

/// The heading of a part, such as a chart. Nothing where there are no words.
pub(super) fn heading(words: &str, style: Style) -> String {
    let mut lines = Lines::new(style);
    if !words.is_empty() {
        lines.piece(&text::clip(words, style.columns(), style), Tone::Heading);
        lines.end();
    }
    lines.finish()
}

/// Labels with their values, the values beneath each other, numbers with their
/// last digits so.
pub(super) fn fields(entries: &[(&str, Kind, &Cell)], style: Style) -> String {
    let labels: Vec<_> = entries
        .iter()
        .map(|(label, ..)| text::clip(label, style.columns() / 2, style))
        .collect();
    let values: Vec<_> = entries
        .iter()
        .map(|(_, kind, value)| value::shown(*kind, value, style))
        .collect();
    let indent = text::widest(&labels) + GAP;
    let numbers = values.iter().filter(|value| value.is_number);
    let widest = numbers.map(Shown::width).max().unwrap_or(0);
    let amounts = widest.min(style.columns() - indent);
    let mut lines = Lines::new(style);
    for (label, value) in labels.iter().zip(&values) {
        lines.padded(label, Tone::Plain, Align::Left, indent);
        field(&mut lines, value, (indent, amounts), style);
    }
    lines.finish()
}

fn field(lines: &mut Lines, value: &Shown, (indent, amounts): (usize, usize), style: Style) {
    let room = style.columns() - indent;
    if value.is_number {
        let value = value.fitted(room, style);
        let text = format!("{}{}", value.text, value.suffix);
        lines.padded(&text, value.tone, Align::Right, amounts);
        lines.end();
        return;
    }
    // Safe already, and what is safe stays as it is.
    let words = text::wrap(&value.text, room, style);
    for (index, line) in words.iter().enumerate() {
        if index > 0 {
            lines.gap(indent);
        }
        lines.piece(line, value.tone);
        lines.end();
    }
    if words.is_empty() {
        lines.end();
    }
}

/// Labels with the whole of a text, wrapped beneath itself.
pub(super) fn explained(entries: &[(&str, &str)], style: Style) -> String {
    let labels: Vec<_> = entries
        .iter()
        .map(|(label, _)| text::clip(label, style.columns() / 3, style))
        .collect();
    let indent = text::widest(&labels) + GAP;
    let mut lines = Lines::new(style);
    for (label, (_, words)) in labels.iter().zip(entries) {
        let wrapped = text::wrap(words, style.columns() - indent, style);
        lines.padded(label, Tone::Heading, Align::Left, indent);
        for (index, line) in wrapped.iter().enumerate() {
            if index > 0 {
                lines.end();
                lines.gap(indent);
            }
            lines.piece(line, Tone::Plain);
        }
        lines.end();
    }
    lines.finish()
}

/// A paragraph for each line of a stranger's text; blank lines are dropped, so
/// that nothing can be pushed out of sight.
pub(super) fn paragraphs(words: &str, tone: Tone, style: Style) -> String {
    let mut lines = Lines::new(style);
    for paragraph in words.split('\n') {
        lines.paragraph(paragraph.trim_end_matches('\r'), tone, 0);
    }
    lines.finish()
}

/// A warning, marked so that it is known for one without colours too.
pub(super) fn warning(words: &str, style: Style) -> String {
    let mut lines = Lines::new(style);
    let wrapped = text::wrap(words, style.columns() - GAP, style);
    for (index, line) in wrapped.iter().enumerate() {
        let mark = if index == 0 { "! " } else { "  " };
        lines.piece(&format!("{mark}{line}"), Tone::Warning);
        lines.end();
    }
    lines.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        color: false,
        width: 40,
        unicode: true,
    };

    #[test]
    fn values_are_wrapped_beneath_each_other() {
        let words = Cell::from("one two three four five six seven eight");
        let amount = Cell::from(-1500_i64);
        let count = Cell::from(3_i64);
        let entries = [
            ("Words", Kind::Text, &words),
            ("Amount", Kind::Money, &amount),
            ("Count", Kind::Integer, &count),
            ("None", Kind::Text, &Cell::Absent),
        ];
        let expected = "\
Words   one two three four five six
        seven eight
Amount  -1,500.00
Count           3
None    –
";
        assert_eq!(fields(&entries, STYLE), expected);
    }

    #[test]
    fn a_text_is_explained_to_its_end() {
        let long = "word ".repeat(1_000);
        let text = explained(&[("AAPL", long.trim_end()), ("F\u{202e}B", "")], STYLE);
        assert_eq!(text.matches("word").count(), 1_000, "{text}");
        assert!(text.lines().all(|line| text::width(line) <= 40), "{text}");
        assert!(text.starts_with("AAPL        word word"), "{text}");
        assert!(text.ends_with("F\\u{202e}B\n"), "{text}");
    }

    #[test]
    fn a_warning_is_marked_and_indented() {
        let text = warning(
            "transaction 12: no price for XYZ on account Alpha (1)",
            STYLE,
        );
        assert_eq!(
            text,
            "! transaction 12: no price for XYZ on\n  account Alpha (1)\n"
        );
        let colored = warning(
            "w",
            Style {
                color: true,
                ..STYLE
            },
        );
        assert_eq!(colored, "\u{1b}[33m! w\u{1b}[0m\n");
    }

    #[test]
    fn a_text_keeps_its_paragraphs_and_no_blank_lines() {
        assert_eq!(
            paragraphs("one\r\n\n\n\ntwo\n", Tone::Plain, STYLE),
            "one\ntwo\n"
        );
    }
}
