//! Stacked bars as HTML: a table with a picture of each row's lengths in it.
//!
//! Owns: their scale and legend. The numbers stand beside the picture, so that
//! nobody needs to see it. Must not know: what is measured.

use lombard_model::Decimal;
use lombard_model::view::{BarSeries, Stack};
use maud::{Markup, html};

use super::value::{aligned, places};
use super::words;

/// How long the longest bar is, in units of the picture.
const LONGEST: i64 = 1_000;

/// Colours there are; with more parts they begin again.
const COLORS: usize = 6;

/// Draws the bars, the longest as long as there is room for.
pub(super) fn draw(series: &BarSeries) -> Markup {
    let largest = series.stacks.iter().map(total).max().unwrap_or_default();
    let places: Vec<_> = (0..series.parts.len())
        .map(|at| part_places(series, at))
        .collect();
    html! {
        div.scroll tabindex="0" role="group" aria-label=(words(&series.label)) {
            table.bars {
                caption { (words(&series.label)) }
                thead {
                    tr {
                        th scope="col" { "Name" }
                        th.picture scope="col" { span.visually-hidden { "Bar" } }
                        @for (at, part) in series.parts.iter().enumerate() {
                            th.right scope="col" {
                                span class={ "swatch part-" (at % COLORS) } aria-hidden="true" {}
                                (words(part))
                            }
                        }
                    }
                }
                tbody { @for stack in &series.stacks { (line(stack, series, largest, &places)) } }
            }
        }
        @if series.stacks.is_empty() { p.empty { "nothing to show" } }
    }
}

fn line(stack: &Stack, series: &BarSeries, largest: Decimal, places: &[usize]) -> Markup {
    let lengths = stack.lengths.iter().copied().chain(std::iter::repeat(None));
    html! {
        tr {
            th scope="row" { (words(&stack.label)) }
            td.picture { (picture(stack, largest)) }
            @for (length, places) in lengths.zip(places) {
                td.right { (aligned(series.kind, &length.into(), *places)) }
            }
        }
    }
}

/// One bar. Its edges are rounded, not its parts, so that it is as long as its
/// total says.
fn picture(stack: &Stack, largest: Decimal) -> Markup {
    let (mut reached, mut edge) = (Decimal::ZERO, 0);
    let parts = stack.lengths.iter().enumerate().map(|(part, length)| {
        reached = reached.saturating_add(positive(*length));
        let from = edge;
        edge = scaled(reached, largest);
        (part, from, edge - from)
    });
    html! {
        svg viewBox={ "0 0 " (LONGEST) " 10" } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.track x="0" y="0" width=(LONGEST) height="10" {}
            @for (part, from, width) in parts.filter(|(.., width)| *width > 0) {
                rect class={ "part-" (part % COLORS) } x=(from) y="0" width=(width) height="10" {}
            }
        }
    }
}

fn scaled(length: Decimal, largest: Decimal) -> i64 {
    let share = length.checked_div(largest).unwrap_or_default();
    let units = share.checked_mul(LONGEST.into()).unwrap_or_default();
    let units = i64::try_from(units.round_dp(0).normalize().mantissa());
    units.unwrap_or(0).clamp(0, LONGEST)
}

/// What a length adds to its bar: what lies below zero adds nothing.
fn positive(length: Option<Decimal>) -> Decimal {
    length.unwrap_or_default().max(Decimal::ZERO)
}

fn total(stack: &Stack) -> Decimal {
    stack.lengths.iter().fold(Decimal::ZERO, |sum, length| {
        sum.saturating_add(positive(*length))
    })
}

fn part_places(series: &BarSeries, at: usize) -> usize {
    let lengths = series
        .stacks
        .iter()
        .filter_map(|stack| stack.lengths.get(at));
    let places = lengths.map(|length| places(series.kind, &(*length).into()));
    places.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use lombard_model::view::Kind;

    use super::*;

    fn series(stacks: Vec<(&str, Vec<Option<Decimal>>)>) -> BarSeries {
        BarSeries {
            label: "Balance usage".into(),
            kind: Kind::Money,
            parts: ["filled", "pending"].map(String::from).into(),
            stacks: stacks
                .into_iter()
                .map(|(label, lengths)| Stack {
                    label: label.into(),
                    lengths,
                })
                .collect(),
        }
    }

    #[test]
    fn bars_are_scaled_to_the_largest_and_their_numbers_stand_beside() {
        let bars = series(vec![
            ("A", vec![Some(500.into()), Some(500.into())]),
            ("B", vec![Some(250.into()), None]),
        ]);
        let html = draw(&bars).into_string();
        assert!(
            html.contains(r#"<rect class="part-1" x="500" y="0" width="500""#),
            "{html}"
        );
        assert!(
            html.contains(r#"<rect class="part-0" x="0" y="0" width="250""#),
            "{html}"
        );
        assert!(html.contains(">250.00<"), "{html}");
        assert!(!html.contains("style="), "{html}");
    }

    #[test]
    fn extremes_and_nothing_are_drawn_too() {
        let bars = series(vec![
            ("A", vec![Some(Decimal::MAX); 9]),
            ("B", vec![Some(Decimal::MIN)]),
        ]);
        assert!(draw(&bars).into_string().contains("part-0"));
        let nothing = series(vec![("A", vec![Some(Decimal::ZERO)])]);
        assert!(!draw(&nothing).into_string().contains("<rect class=\"part-"));
        assert!(
            draw(&series(vec![]))
                .into_string()
                .contains("nothing to show")
        );
    }
}
