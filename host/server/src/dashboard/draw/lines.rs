//! Lines over time as HTML: a table of their points, which a script draws.
//!
//! Owns: the table. It is what there is without a script, and for those who
//! don't see the picture. Must not know: how it is drawn.

use std::collections::BTreeMap;

use lombard_model::view::{Kind, LineSeries};
use lombard_model::{Decimal, Timestamp};
use maud::{Markup, html};

use super::{shown, time, words};

/// Draws the lines.
pub(super) fn draw(series: &LineSeries) -> Markup {
    let by_time = by_time(series);
    html! {
        figure.chart data-lines="" data-kind=(series.kind.as_str()) {
            figcaption { (words(&series.label)) }
            @if by_time.is_empty() {
                p.empty { "nothing to show" }
            } @else {
                details {
                    summary { "As a table" }
                    div.scroll tabindex="0" role="group" aria-label=(words(&series.label)) {
                        (table(series, &by_time))
                    }
                }
            }
        }
    }
}

fn table(series: &LineSeries, by_time: &BTreeMap<Timestamp, Vec<Option<Decimal>>>) -> Markup {
    html! {
        table {
            caption { (words(&series.label)) }
            thead {
                tr {
                    th scope="col" { "Time" }
                    @for line in &series.lines { th.right scope="col" { (words(&line.label)) } }
                }
            }
            tbody {
                @for (at, values) in by_time {
                    tr {
                        th scope="row" { (time(*at)) }
                        @for value in values { (cell(series.kind, *value)) }
                    }
                }
            }
        }
    }
}

fn cell(kind: Kind, value: Option<Decimal>) -> Markup {
    html! { td.right { (shown(kind, &value.into())) } }
}

/// The values of all lines at each time that any has one for.
fn by_time(series: &LineSeries) -> BTreeMap<Timestamp, Vec<Option<Decimal>>> {
    let mut by_time = BTreeMap::new();
    for (at, line) in series.lines.iter().enumerate() {
        for point in &line.points {
            let none = || vec![None; series.lines.len()];
            by_time.entry(point.at).or_insert_with(none)[at] = Some(point.value);
        }
    }
    by_time
}

#[cfg(test)]
mod tests {
    use lombard_model::view::{Line, Point};

    use super::*;

    #[test]
    fn every_point_stands_in_a_table_at_its_time() {
        let line = |label: &str, points: &[(i64, i64)]| Line {
            label: label.into(),
            points: points
                .iter()
                .map(|(at, value)| Point {
                    at: Timestamp::from_micros(*at),
                    value: (*value).into(),
                })
                .collect(),
        };
        let series = LineSeries {
            label: "Equity".into(),
            kind: Kind::Money,
            lines: vec![line("A", &[(1, 10), (2, 20)]), line("B", &[(2, 5)])],
        };
        let html = draw(&series).into_string();
        assert_eq!(html.matches("<tr>").count(), 3, "{html}");
        assert_eq!(html.matches("class=\"absent\"").count(), 1, "{html}");
        let none = LineSeries {
            lines: vec![],
            ..series
        };
        assert!(draw(&none).into_string().contains("nothing to show"));
    }
}
