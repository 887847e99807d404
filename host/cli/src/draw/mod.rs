//! Draws views, tables and fields as text for a terminal.
//!
//! Owns: how a value, a table or a chart looks in a terminal, and that nothing
//! of a stranger's text reaches it raw.
//! Must not know: whether there is a terminal, how wide it is, where the text
//! goes. The caller says, and writes.

mod bars;
mod layout;
mod lines;
mod paint;
mod prose;
mod table;
mod text;
mod value;
mod view;

#[cfg(test)]
mod hostile_tests;

use lombard_model::view::{Cell, Kind};

pub(crate) use view::view;

/// Below this width nothing is legible: a narrower terminal wraps by itself.
const NARROWEST: usize = 40;

/// No line is drawn wider, so that a width out of nowhere allocates nothing.
const WIDEST: usize = 1000;

/// What the text is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether colours may be used.
    pub(crate) color: bool,
    /// Columns of the terminal. What is drawn is 40 to 1000 columns wide.
    pub(crate) width: usize,
    /// Whether anything but ASCII may be used.
    pub(crate) unicode: bool,
}

impl Style {
    fn columns(self) -> usize {
        self.width.clamp(NARROWEST, WIDEST)
    }

    fn ellipsis(self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    fn dash(self) -> &'static str {
        if self.unicode { "–" } else { "-" }
    }
}

/// A table of labelled columns, as lists such as `account list` show it.
///
/// A missing cell is drawn as absent. Columns that do not fit are named
/// beneath. Ends with a newline.
#[must_use]
pub(crate) fn table(columns: &[(&str, Kind)], rows: &[Vec<Cell>], style: Style) -> String {
    table::draw(columns, rows.iter().map(Vec::as_slice), style)
}

/// One line for each label and value, the values beneath each other.
///
/// Ends with a newline, unless there are no entries.
#[must_use]
pub(crate) fn key_values(entries: &[(&str, Kind, Cell)], style: Style) -> String {
    let entries: Vec<_> = entries
        .iter()
        .map(|(label, kind, value)| (*label, *kind, value))
        .collect();
    prose::fields(&entries, style)
}

/// A heading between parts of one's own output, with an empty line before it.
#[must_use]
pub(crate) fn heading(words: &str, style: Style) -> String {
    format!("\n{}", prose::title(words, style))
}

/// Labels with the whole of what is to be said of each, wrapped beneath itself.
///
/// Ends with a newline, unless there are no entries.
#[must_use]
pub(crate) fn explained(entries: &[(&str, &str)], style: Style) -> String {
    prose::explained(entries, style)
}

/// Something to look at, beside a result.
#[must_use]
pub(crate) fn warning(words: &str, style: Style) -> String {
    prose::warning(words, style)
}

/// A paragraph of one's own words.
#[must_use]
pub(crate) fn paragraph(words: &str, style: Style) -> String {
    prose::paragraphs(words, paint::Tone::Plain, style)
}

/// A paragraph of less weight than the rest.
#[must_use]
pub(crate) fn aside(words: &str, style: Style) -> String {
    prose::paragraphs(words, paint::Tone::Dim, style)
}

/// A stranger's text, such as the name of a plugin, made safe to stand within
/// a line of one's own. Neither wrapped nor cut.
#[must_use]
pub(crate) fn inline(text: &str, style: Style) -> String {
    text::visible(text, style).collect()
}

/// A line of at most so many columns, its end replaced by an ellipsis where it
/// is longer. Colours in it would be made visible.
#[must_use]
pub(crate) fn clip(line: &str, columns: usize, style: Style) -> String {
    text::clip(line, columns, style)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style {
        color: false,
        width: 80,
        unicode: true,
    };

    #[test]
    fn a_list_is_drawn_with_aligned_columns() {
        let columns = [
            ("Id", Kind::Integer),
            ("Name", Kind::Text),
            ("Cash", Kind::Money),
        ];
        let rows = [
            vec![7_i64.into(), "Alpha".into(), 1_234_567_i64.into()],
            vec![12_i64.into(), "Beta".into(), Cell::Absent],
        ];
        let expected = "\
Id  Name           Cash
──  ─────  ────────────
 7  Alpha  1,234,567.00
12  Beta              –
";
        assert_eq!(table(&columns, &rows, PLAIN), expected);
    }

    #[test]
    fn values_stand_beneath_each_other() {
        let entries = [
            ("Version", Kind::Text, "0.1.0".into()),
            ("Sessions opened", Kind::Integer, 1_i64.into()),
        ];
        let expected = "Version          0.1.0\nSessions opened  1\n";
        assert_eq!(key_values(&entries, PLAIN), expected);
    }

    #[test]
    fn a_name_stays_within_its_line() {
        assert_eq!(
            inline("a\r\nerror: b\u{1b}[2J", PLAIN),
            "a\\r\\nerror: b\\u{1b}[2J"
        );
    }
}
