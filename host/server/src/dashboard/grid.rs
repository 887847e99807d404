//! Tables of the host's own figures.
//!
//! Owns: their caption, headings and alignment. Must not know: what is in them.

use maud::{Markup, html};

/// A heading, and whether what stands beneath is numbers.
pub(super) type Heading = (&'static str, bool);

/// Draws a table; the first cell of a row says what it is about. Without rows
/// there is `empty` instead.
pub(super) fn table(
    caption: &str,
    headings: &[Heading],
    rows: &[Vec<Markup>],
    empty: &str,
) -> Markup {
    if rows.is_empty() {
        return html! { p.empty { (empty) } };
    }
    html! {
        div.scroll tabindex="0" role="group" aria-label=(caption) {
            table {
                caption { (caption) }
                thead {
                    tr { @for (name, is_number) in headings { th scope="col" class=[class(*is_number)] { (name) } } }
                }
                tbody { @for row in rows { (line(headings, row)) } }
            }
        }
    }
}

fn line(headings: &[Heading], row: &[Markup]) -> Markup {
    html! {
        tr {
            @for (at, ((_, is_number), cell)) in headings.iter().zip(row).enumerate() {
                @if at == 0 {
                    th scope="row" class=[class(*is_number)] { (cell) }
                } @else {
                    td class=[class(*is_number)] { (cell) }
                }
            }
        }
    }
}

fn class(is_number: bool) -> Option<&'static str> {
    is_number.then_some("right")
}

/// Figures beside each other.
pub(super) fn figures(figures: &[(&str, Markup)]) -> Markup {
    html! {
        dl.stats { @for (name, value) in figures { div { dt { (name) } dd { (value) } } } }
    }
}
