//! A table as HTML.
//!
//! Owns: its caption, headings and alignment. Must not know: what it is about.

use lombard_model::view::{Cell, Column, Row, Table};
use maud::{Markup, html};

use super::{value, words};

/// Draws a table. It can be moved sideways where there is no room, by keyboard
/// too.
pub(super) fn draw(table: &Table, caption: &str) -> Markup {
    let places: Vec<_> = (0..table.columns.len())
        .map(|at| places(table, at))
        .collect();
    let has_more = table
        .rows
        .iter()
        .any(|row| row.cells.len() > table.columns.len());
    html! {
        div.scroll tabindex="0" role="group" aria-label=(words(caption)) {
            table {
                caption { (words(caption)) }
                thead { tr { @for column in &table.columns { (heading(column)) } } }
                tbody {
                    @for row in &table.rows { (line(row, &table.columns, &places)) }
                }
            }
        }
        @if table.rows.is_empty() { p.empty { "no rows" } }
        @if has_more {
            ul.warnings aria-label="Warnings" { li { "some cells have no column and are not shown" } }
        }
    }
}

/// The most places behind the point that a column's numbers have.
fn places(table: &Table, at: usize) -> usize {
    let kind = table.columns[at].kind;
    let cells = table.rows.iter().filter_map(|row| row.cells.get(at));
    cells
        .map(|cell| value::places(kind, cell))
        .max()
        .unwrap_or(0)
}

fn heading(column: &Column) -> Markup {
    let class = value::is_numeric(column.kind).then_some("right");
    html! { th scope="col" class=[class] { (words(&column.label)) } }
}

/// A row; its first cell says what it is about.
fn line(row: &Row, columns: &[Column], places: &[usize]) -> Markup {
    let cells = row.cells.iter().chain(std::iter::repeat(&Cell::Absent));
    html! {
        tr data-id=[row.id] {
            @for (at, ((column, places), cell)) in columns.iter().zip(places).zip(cells).enumerate() {
                @let class = value::is_numeric(column.kind).then_some("right");
                @let drawn = value::aligned(column.kind, cell, *places);
                @if at == 0 {
                    th scope="row" class=[class] { (drawn) }
                } @else {
                    td class=[class] data-key=(words(&column.key)) { (drawn) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lombard_model::parse_decimal;
    use lombard_model::view::Kind;

    use super::*;

    fn table(rows: Vec<Vec<Cell>>) -> Table {
        let column = |label: &str, kind| Column {
            key: label.to_lowercase(),
            label: label.into(),
            kind,
        };
        let rows = rows.into_iter().map(|cells| Row { id: Some(1), cells });
        Table {
            columns: vec![column("Expert", Kind::Text), column("PL", Kind::Money)],
            rows: rows.collect(),
        }
    }

    #[test]
    fn it_has_a_caption_scopes_and_aligned_numbers() {
        let rows = vec![
            vec!["A".into(), parse_decimal("2629.725").unwrap().into()],
            vec!["B".into(), parse_decimal("-5").unwrap().into()],
        ];
        let html = draw(&table(rows), "P/L").into_string();
        for part in [
            "<caption>P/L</caption>",
            r#"<th scope="col" class="right">PL</th>"#,
            r#"<th scope="row">A</th>"#,
            r#"<data class="number gain" value="2629.725">2,629.725</data>"#,
            "-5.00</data><span aria-hidden=\"true\">\u{2007}</span>",
        ] {
            assert!(html.contains(part), "no {part} in {html}");
        }
    }

    #[test]
    fn ragged_rows_are_drawn_and_told() {
        let html = draw(&table(vec![vec![], vec!["a".into(); 9]]), "T").into_string();
        assert!(html.contains("some cells have no column"), "{html}");
        assert_eq!(html.matches("</tr>").count(), 3, "{html}");
        let none = draw(&table(vec![]), "T").into_string();
        assert!(none.contains("no rows"), "{none}");
    }
}
