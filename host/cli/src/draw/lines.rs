//! Lines over time, each as one row of blocks.
//!
//! Owns: their scale and which points are shown. Must not know: what is
//! measured.

use lombard_model::Decimal;
use lombard_model::view::{Kind, Line, LineSeries, Point};

use super::layout::{Align, Lines};
use super::paint::Tone;
use super::{Style, prose, text, value};

const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const ASCII_LEVELS: [&str; 8] = ["_", ".", "-", "~", "=", "+", "*", "#"];

/// Blanks between label and line.
const GAP: usize = 2;

/// Draws each line on a scale of its own, with its least, its greatest and its
/// last value beneath.
pub(super) fn draw(series: &LineSeries, style: Style) -> String {
    let mut lines = Lines::new(style);
    lines.drawn(&prose::heading(&series.label, style));
    if series.lines.is_empty() {
        lines.paragraph("nothing to show", Tone::Dim, 0);
    }
    let labels: Vec<_> = series
        .lines
        .iter()
        .map(|line| text::clip(&line.label, style.columns() / 3, style))
        .collect();
    let indent = text::widest(&labels) + GAP;
    for (number, (line, label)) in series.lines.iter().zip(&labels).enumerate() {
        lines.padded(label, Tone::Plain, Align::Left, indent);
        let Some(range) = range(line) else {
            lines.piece(style.dash(), Tone::Dim);
            lines.end();
            continue;
        };
        let row = sparkline(line, &range, style.columns() - indent, style);
        lines.piece(&row, Tone::Part(number));
        lines.end();
        let summary = summary(line, &range, series.kind, style);
        lines.paragraph(&summary, Tone::Dim, indent);
    }
    lines.finish()
}

struct Range {
    least: Decimal,
    greatest: Decimal,
    last: Point,
}

fn range(line: &Line) -> Option<Range> {
    let values = line.points.iter().map(|point| point.value);
    Some(Range {
        least: values.clone().min()?,
        greatest: values.max()?,
        last: *line.points.last()?,
    })
}

/// One block for each point, or for each group of neighbours where there are
/// more points than room. The last of a group stands for it.
fn sparkline(line: &Line, range: &Range, room: usize, style: Style) -> String {
    let points = &line.points;
    let shown = points.len().min(room);
    let levels = if style.unicode { LEVELS } else { ASCII_LEVELS };
    (1..=shown)
        .filter_map(|group| points.get(group * points.len() / shown - 1))
        .map(|point| levels[level(point.value, range, levels.len())])
        .collect()
}

/// The level of a value, the middle one where all values are the same or too
/// far apart to tell.
fn level(value: Decimal, range: &Range, levels: usize) -> usize {
    let top = levels - 1;
    let share = || {
        let above = value.checked_sub(range.least)?;
        let whole = range.greatest.checked_sub(range.least)?;
        let scaled = above.checked_div(whole)?.checked_mul(Decimal::from(top))?;
        usize::try_from(scaled.round_dp(0).normalize().mantissa()).ok()
    };
    share().map_or(levels / 2, |level| level.min(top))
}

fn summary(line: &Line, range: &Range, kind: Kind, style: Style) -> String {
    let written = |number| {
        let shown = value::number(kind, number);
        shown.text + shown.suffix
    };
    let from = line.points.first().map_or(range.last.at, |point| point.at);
    let dash = style.dash();
    format!(
        "min {} max {} last {} {from} {dash} {}",
        written(range.least),
        written(range.greatest),
        written(range.last.value),
        range.last.at,
    )
}

#[cfg(test)]
mod tests {
    use lombard_model::Timestamp;

    use super::*;

    const STYLE: Style = Style {
        color: false,
        width: 100,
        unicode: true,
    };

    fn series(values: &[Decimal]) -> LineSeries {
        let day =
            |index: usize| Timestamp::from_micros(i64::try_from(index).unwrap() * 86_400_000_000);
        let points = values.iter().enumerate();
        LineSeries {
            label: "Close".into(),
            kind: Kind::Money,
            lines: vec![Line {
                label: "AAPL".into(),
                points: points
                    .map(|(index, value)| Point {
                        at: day(index),
                        value: *value,
                    })
                    .collect(),
            }],
        }
    }

    #[test]
    fn a_line_rises_from_the_lowest_block_to_the_highest() {
        let values: Vec<_> = (0..8).map(Decimal::from).collect();
        let expected = "\
Close
AAPL  ▁▂▃▄▅▆▇█
      min 0.00 max 7.00 last 7.00 1970-01-01T00:00:00Z – 1970-01-08T00:00:00Z
";
        assert_eq!(draw(&series(&values), STYLE), expected);
    }

    #[test]
    fn more_points_than_room_end_with_the_last() {
        let values: Vec<_> = (0..100_000).map(Decimal::from).collect();
        let text = draw(&series(&values), Style { width: 40, ..STYLE });
        assert!(text.lines().all(|line| text::width(line) <= 40), "{text}");
        assert!(text.lines().nth(1).unwrap().ends_with('█'), "{text}");
    }

    #[test]
    fn flat_empty_and_absurd_lines_are_drawn() {
        assert!(draw(&series(&[5.into(), 5.into()]), STYLE).contains("▅▅"));
        assert!(draw(&series(&[]), STYLE).contains("AAPL  –"));
        let _ = draw(&series(&[Decimal::MIN, Decimal::MAX, Decimal::ZERO]), STYLE);
    }
}
