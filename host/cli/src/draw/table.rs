//! Tables.
//!
//! Owns: how wide each column is, and what happens where they do not fit: texts
//! are cut, numbers never, and columns without room are named beneath.
//! Must not know: what a table is about.

use lombard_model::view::{Cell, Kind};

use super::layout::{Align, Lines};
use super::paint::Tone;
use super::value::{self, Shown};
use super::{Style, text};

/// Blanks between two columns.
const GAP: usize = 2;

/// What is left of a column of texts where there is no room.
const LEAST_TEXT: usize = 8;

/// A column, measured.
struct Column {
    label: String,
    kind: Kind,
    /// The least it can be drawn with.
    floor: usize,
    /// What it would take with nothing cut.
    natural: usize,
    /// The digits behind the point that numbers leave room for.
    fraction: usize,
    /// What it gets.
    width: usize,
}

/// Draws a table. Every line is at most as wide as the style says.
pub(super) fn draw<'a>(
    columns: &[(&str, Kind)],
    rows: impl Iterator<Item = &'a [Cell]> + Clone,
    style: Style,
) -> String {
    let mut lines = Lines::new(style);
    let columns_in_rows = rows.clone().map(<[Cell]>::len).max().unwrap_or(0);
    // More than these can't have room, so they need not be measured.
    let measured = &columns[..columns.len().min(style.columns() / (GAP + 1) + 1)];
    let written: Vec<_> = rows.map(|row| written(measured, row, style)).collect();
    let mut fitting: Vec<_> = measured
        .iter()
        .enumerate()
        .map(|(index, column)| measure(*column, written.iter().map(|row| &row[index]), style))
        .collect();
    fit(&mut fitting, style.columns());
    head(&mut lines, &fitting, style);
    for row in &written {
        for (column, shown) in fitting.iter().zip(row) {
            cell(&mut lines, column, shown, style);
        }
        lines.end();
    }
    if written.is_empty() {
        lines.paragraph("no rows", Tone::Dim, 0);
    }
    left_out(&mut lines, &columns[fitting.len()..], style);
    if columns_in_rows > columns.len() {
        lines.paragraph(
            "some cells have no column and are not shown",
            Tone::Warning,
            0,
        );
    }
    lines.finish()
}

fn written(columns: &[(&str, Kind)], row: &[Cell], style: Style) -> Vec<Shown> {
    let cells = row.iter().chain(std::iter::repeat(&Cell::Absent));
    columns
        .iter()
        .zip(cells)
        .map(|((_, kind), cell)| value::shown(*kind, cell, style))
        .collect()
}

fn measure<'a>(
    (label, kind): (&str, Kind),
    values: impl Iterator<Item = &'a Shown>,
    style: Style,
) -> Column {
    let label = text::clip(label, style.columns(), style);
    let (mut widest, mut whole, mut fraction, mut suffix) = (0, 0, 0, 0);
    for shown in values {
        widest = widest.max(shown.width());
        if shown.is_number {
            let (before, behind) = shown.around_point();
            whole = whole.max(before);
            fraction = fraction.max(behind);
            suffix = suffix.max(shown.suffix.len());
        }
    }
    let aligned = widest.max(whole + fraction + suffix);
    let natural = text::width(&label).max(aligned).min(style.columns());
    let floor = if kind == Kind::Text {
        natural.min(LEAST_TEXT)
    } else {
        widest.max(1).min(natural)
    };
    Column {
        label,
        kind,
        floor,
        natural,
        fraction: fraction + suffix,
        width: floor,
    }
}

/// Drops the columns at the end that have no room, and shares the rest of the
/// room among those that stay.
fn fit(columns: &mut Vec<Column>, room: usize) {
    let gaps = |count: usize| GAP * count.saturating_sub(1);
    let least = |columns: &[Column]| -> usize {
        columns.iter().map(|column| column.floor).sum::<usize>() + gaps(columns.len())
    };
    while columns.len() > 1 && least(columns) > room {
        columns.pop();
    }
    let mut rest = room.saturating_sub(least(columns));
    // Numbers and times come first: their room is what aligns them.
    for column in columns
        .iter_mut()
        .filter(|column| column.kind != Kind::Text)
    {
        let more = rest.min(column.natural - column.floor);
        column.width += more;
        rest -= more;
    }
    share(columns, rest);
}

/// Widens the texts evenly, until all have what they want or nothing is left.
fn share(columns: &mut [Column], mut rest: usize) {
    loop {
        let wanting = columns
            .iter()
            .filter(|column| column.width < column.natural);
        let wanting = wanting.count();
        if wanting == 0 || rest == 0 {
            return;
        }
        let each = (rest / wanting).max(1);
        for column in columns.iter_mut() {
            let more = each.min(column.natural - column.width).min(rest);
            column.width += more;
            rest -= more;
        }
    }
}

fn head(lines: &mut Lines, columns: &[Column], style: Style) {
    for column in columns {
        let label = text::clip(&column.label, column.width, style);
        lines.padded(&label, Tone::Heading, align(column.kind), column.width);
        lines.gap(GAP);
    }
    lines.end();
    let rule = if style.unicode { "─" } else { "-" };
    for column in columns {
        lines.padded(
            &rule.repeat(column.width),
            Tone::Dim,
            Align::Left,
            column.width,
        );
        lines.gap(GAP);
    }
    lines.end();
}

fn align(kind: Kind) -> Align {
    if value::is_numeric(kind) {
        Align::Right
    } else {
        Align::Left
    }
}

fn cell(lines: &mut Lines, column: &Column, shown: &Shown, style: Style) {
    let shown = shown.fitted(column.width, style);
    let mut after = 0;
    if shown.is_number && align(column.kind) == Align::Right {
        // Point stands beneath point, where there is the room.
        let behind = shown.around_point().1 + shown.suffix.len();
        let spare = column.width - shown.width();
        after = column.fraction.saturating_sub(behind).min(spare);
    }
    let room = column.width - after;
    let text = format!("{}{}", shown.text, shown.suffix);
    lines.padded(&text, shown.tone, align(column.kind), room);
    lines.gap(after + GAP);
}

fn left_out(lines: &mut Lines, columns: &[(&str, Kind)], style: Style) {
    if columns.is_empty() {
        return;
    }
    let labels: Vec<_> = columns
        .iter()
        .map(|(label, _)| *label)
        .take(style.columns())
        .collect();
    let note = format!("no room for {} more: {}", columns.len(), labels.join(", "));
    let note = text::clip(&note, style.columns(), style);
    lines.piece(&note, Tone::Dim);
    lines.end();
}

#[cfg(test)]
mod tests {
    use lombard_model::parse_decimal;

    use super::*;

    const STYLE: Style = Style {
        color: false,
        width: 40,
        unicode: true,
    };

    fn decimal(text: &str) -> Cell {
        parse_decimal(text).unwrap().into()
    }

    fn drawn(columns: &[(&str, Kind)], rows: &[Vec<Cell>]) -> String {
        draw(columns, rows.iter().map(Vec::as_slice), STYLE)
    }

    #[test]
    fn numbers_stand_point_beneath_point() {
        let columns = [("Size", Kind::Quantity), ("Share", Kind::Percent)];
        let rows = [
            vec![decimal("12.5"), decimal("7")],
            vec![decimal("-1000"), decimal("33.25")],
            vec![decimal("0.125"), Cell::Absent],
        ];
        let expected = [
            "      Size    Share",
            "──────────  ───────",
            "    12.5     7 %",
            "-1,000      33.25 %",
            "     0.125        –",
        ];
        assert_eq!(drawn(&columns, &rows).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn long_texts_are_cut_and_numbers_are_not() {
        let columns = [
            ("Expert", Kind::Text),
            ("P/L", Kind::Money),
            ("Note", Kind::Text),
        ];
        let rows = [vec![
            "x".repeat(500).into(),
            decimal("1234567.891"),
            "y".repeat(500).into(),
        ]];
        let text = drawn(&columns, &rows);
        assert!(text.contains("1,234,567.89"), "{text}");
        assert!(text.lines().all(|line| text::width(line) <= 40), "{text}");
        assert_eq!(text.matches('…').count(), 2);
    }

    #[test]
    fn columns_without_room_are_named() {
        let columns: Vec<_> = ["A", "B", "C", "D"]
            .map(|label| (label, Kind::Money))
            .into();
        let row = vec![decimal("123456789.12"); 4];
        let text = drawn(&columns, &[row]);
        assert!(text.ends_with("no room for 2 more: C, D\n"), "{text}");
    }

    #[test]
    fn ragged_rows_and_absurd_tables_are_drawn() {
        let columns = [("A", Kind::Text), ("B", Kind::Money)];
        let rows = [vec![], vec!["a".into(); 9]];
        let text = drawn(&columns, &rows);
        assert!(text.contains("some cells have no column"), "{text}");
        assert!(text.contains('–'), "{text}");
        let many: Vec<_> = (0..100_000).map(|_| ("column", Kind::Text)).collect();
        assert!(drawn(&many, &[]).len() < 1000);
        assert_eq!(drawn(&[], &[vec![]]).trim(), "");
    }
}
