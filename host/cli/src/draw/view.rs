//! A whole view.
//!
//! Owns: in which order its parts are drawn and what stands between them.
//! Must not know: how one part is drawn.

use lombard_model::view::{Block, Table, View};

use super::layout::Lines;
use super::paint::Tone;
use super::{Style, bars, lines, prose, table};

/// Draws a view. Every text in it is taken for a stranger's.
///
/// Ends with a newline. No line is wider than the style says, where that is 40
/// columns or more.
#[must_use]
pub(crate) fn view(view: &View, style: Style) -> String {
    let mut drawn = Lines::new(style);
    drawn.drawn(&prose::title(&view.title, style));
    if view.blocks.is_empty() {
        drawn.end();
        drawn.paragraph("nothing to show", Tone::Dim, 0);
    }
    for group in view.blocks.chunk_by(belong_together) {
        drawn.end();
        match group {
            [Block::Stat(_), ..] => drawn.drawn(&stats(group, style)),
            _ => group
                .iter()
                .for_each(|part| drawn.drawn(&block(part, style))),
        }
    }
    drawn.finish()
}

/// Values stand beneath each other and warnings are one list; all else has a
/// blank line before it.
fn belong_together(one: &Block, next: &Block) -> bool {
    matches!(
        (one, next),
        (Block::Stat(_), Block::Stat(_)) | (Block::Warning(_), Block::Warning(_))
    )
}

fn stats(group: &[Block], style: Style) -> String {
    let entries: Vec<_> = group
        .iter()
        .filter_map(|block| match block {
            Block::Stat(stat) => Some((stat.label.as_str(), stat.kind, &stat.value)),
            _ => None,
        })
        .collect();
    prose::fields(&entries, style)
}

fn block(block: &Block, style: Style) -> String {
    match block {
        Block::Stat(stat) => prose::fields(&[(&stat.label, stat.kind, &stat.value)], style),
        Block::Table(table) => of_table(table, style),
        Block::Bars(series) => bars::draw(series, style),
        Block::Lines(series) => lines::draw(series, style),
        Block::Text(words) => prose::paragraphs(words, Tone::Plain, style),
        Block::Empty(words) => prose::paragraphs(words, Tone::Dim, style),
        Block::Warning(words) => prose::warning(words, style),
    }
}

fn of_table(table: &Table, style: Style) -> String {
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| (column.label.as_str(), column.kind))
        .collect();
    table::draw(
        &columns,
        table.rows.iter().map(|row| row.cells.as_slice()),
        style,
    )
}

#[cfg(test)]
mod tests {
    use lombard_model::parse_decimal;
    use lombard_model::view::{Cell, Column, Kind, Row, Stat};

    use super::*;

    const STYLE: Style = Style {
        color: false,
        width: 60,
        unicode: true,
    };

    fn decimal(text: &str) -> Cell {
        parse_decimal(text).unwrap().into()
    }

    fn floating() -> View {
        let column = |key: &str, label: &str, kind| Column {
            key: key.into(),
            label: label.into(),
            kind,
        };
        let row = |id, expert: &str, pl| Row {
            id: Some(id),
            cells: vec![expert.into(), decimal(pl)],
        };
        let stat = |label: &str, pl| Stat {
            key: "total".into(),
            label: label.into(),
            kind: Kind::Money,
            value: decimal(pl),
        };
        let columns = vec![
            column("expert", "Expert", Kind::Text),
            column("pl", "P/L", Kind::Money),
        ];
        let rows = vec![
            row(1, "Momentum-1", "2629.725"),
            row(7, "Rating-7", "-869.69665"),
        ];
        View {
            title: "Floating P/L per expert".into(),
            blocks: vec![
                Block::Table(Table { columns, rows }),
                Block::Stat(stat("Total P/L", "1760.02835")),
                Block::Stat(stat("Realised", "-2")),
                Block::Warning("transaction 12: no price for XYZ on account Alpha (1)".into()),
                Block::Warning("one more".into()),
            ],
        }
    }

    #[test]
    fn a_view_is_drawn_from_title_to_warnings() {
        let expected = "\
Floating P/L per expert
═══════════════════════

Expert           P/L
──────────  ────────
Momentum-1  2,629.72
Rating-7     -869.70

Total P/L  1,760.03
Realised      -2.00

! transaction 12: no price for XYZ on account Alpha (1)
! one more
";
        assert_eq!(view(&floating(), STYLE), expected);
    }

    #[test]
    fn a_view_without_parts_says_so() {
        let empty = View {
            title: "T".into(),
            blocks: vec![],
        };
        assert_eq!(view(&empty, STYLE), "T\n═\n\nnothing to show\n");
    }
}
