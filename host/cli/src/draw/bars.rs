//! Stacked bars.
//!
//! Owns: their scale, the glyph and colour of each part, the legend.
//! Must not know: what is measured.

use lombard_model::Decimal;
use lombard_model::view::{BarSeries, Cell, Kind, Stack};

use super::layout::{Align, Lines};
use super::paint::Tone;
use super::{Style, prose, text, value};

/// One glyph for each part, so that bars can be read without colours. Those of
/// neighbours differ most.
const GLYPHS: [&str; 6] = ["█", "▒", "░", "▓", "▚", "▤"];
const ASCII_GLYPHS: [&str; 6] = ["#", "=", ".", "%", "+", "o"];

/// Blanks between label, bar and values.
const GAP: usize = 2;

/// Below this length the bars tell nothing: the values then get less room.
const SHORTEST_BAR: usize = 12;

/// Draws the bars, the longest as long as there is room for.
pub(super) fn draw(series: &BarSeries, style: Style) -> String {
    let mut lines = Lines::new(style);
    lines.drawn(&prose::heading(&series.label, style));
    if series.stacks.is_empty() {
        lines.paragraph("nothing to show", Tone::Dim, 0);
        return lines.finish();
    }
    legend(&mut lines, &series.parts, style);
    let stacks = series.stacks.iter();
    let labels: Vec<_> = stacks
        .clone()
        .map(|stack| text::clip(&stack.label, style.columns() / 3, style))
        .collect();
    let label_width = text::widest(&labels) + GAP;
    let room = style.columns() - label_width - GAP;
    let values = values(series, room - SHORTEST_BAR, style);
    let value_width = text::widest(&values);
    let scale = Scale {
        largest: stacks.clone().map(total).max().unwrap_or_default(),
        room: room - value_width,
    };
    for ((stack, label), value) in stacks.zip(&labels).zip(&values) {
        lines.padded(label, Tone::Plain, Align::Left, label_width);
        bar(&mut lines, stack, &scale, style);
        lines.gap(GAP);
        lines.padded(value, Tone::Plain, Align::Right, value_width);
        lines.end();
    }
    lines.finish()
}

fn glyph(part: usize, style: Style) -> &'static str {
    let glyphs = if style.unicode { GLYPHS } else { ASCII_GLYPHS };
    glyphs[part % glyphs.len()]
}

fn legend(lines: &mut Lines, parts: &[String], style: Style) {
    let mut taken = 0;
    for (part, name) in parts.iter().enumerate() {
        let name = text::clip(name, style.columns() - 2, style);
        let wide = 2 + text::width(&name);
        if taken > 0 && taken + GAP + wide > style.columns() {
            lines.end();
            taken = 0;
        }
        if taken > 0 {
            lines.gap(GAP);
            taken += GAP;
        }
        lines.piece(glyph(part, style), Tone::Part(part));
        lines.gap(1);
        lines.piece(&name, Tone::Plain);
        taken += wide;
    }
    if taken > 0 {
        lines.end();
    }
}

/// How lengths become columns.
struct Scale {
    /// What takes all the room.
    largest: Decimal,
    room: usize,
}

impl Scale {
    fn columns(&self, length: Decimal) -> usize {
        let Some(share) = length.checked_div(self.largest) else {
            return 0;
        };
        let columns = share
            .checked_mul(Decimal::from(self.room))
            .unwrap_or_default();
        let columns = columns.round_dp(0).normalize().mantissa();
        usize::try_from(columns).unwrap_or(0).min(self.room)
    }
}

/// Draws one bar. Its edges are rounded, not its parts, so that it is as long
/// as its total says.
fn bar(lines: &mut Lines, stack: &Stack, scale: &Scale, style: Style) {
    let (mut reached, mut edge) = (Decimal::ZERO, 0);
    for (part, length) in stack.lengths.iter().enumerate() {
        reached = reached.saturating_add(positive(*length));
        let next = scale.columns(reached);
        lines.piece(&glyph(part, style).repeat(next - edge), Tone::Part(part));
        edge = next;
    }
    lines.gap(scale.room - edge);
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

/// The values of each bar: of every part where there is room, else their sum.
fn values(series: &BarSeries, room: usize, style: Style) -> Vec<String> {
    let in_parts: Vec<_> = series
        .stacks
        .iter()
        .map(|stack| in_parts(stack, series.kind, style))
        .collect();
    let parts = in_parts.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<_> = (0..parts)
        .map(|part| text::widest(in_parts.iter().filter_map(|values| values.get(part))))
        .collect();
    if widths.iter().sum::<usize>() + GAP * parts.saturating_sub(1) > room {
        let sums = series.stacks.iter().map(total);
        return sums
            .map(|sum| written(&sum.into(), series.kind, room, style))
            .collect();
    }
    in_parts
        .iter()
        .map(|values| beside_each_other(values, &widths))
        .collect()
}

fn beside_each_other(values: &[String], widths: &[usize]) -> String {
    let missing = String::new();
    let padded = widths.iter().enumerate().map(|(part, room)| {
        let value = values.get(part).unwrap_or(&missing);
        format!("{}{value}", " ".repeat(room - text::width(value)))
    });
    padded.collect::<Vec<_>>().join(&" ".repeat(GAP))
}

fn in_parts(stack: &Stack, kind: Kind, style: Style) -> Vec<String> {
    let lengths = stack.lengths.iter();
    lengths
        .map(|length| written(&(*length).into(), kind, style.columns(), style))
        .collect()
}

fn written(value: &Cell, kind: Kind, room: usize, style: Style) -> String {
    let shown = value::shown(kind, value, style).fitted(room, style);
    shown.text + shown.suffix
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        color: false,
        width: 60,
        unicode: true,
    };

    fn series(stacks: Vec<(&str, Vec<Option<Decimal>>)>) -> BarSeries {
        BarSeries {
            label: "Balance usage".into(),
            kind: Kind::Money,
            parts: ["filled", "pending", "available"].map(String::from).into(),
            stacks: stacks
                .into_iter()
                .map(|(label, lengths)| Stack {
                    label: label.into(),
                    lengths,
                })
                .collect(),
        }
    }

    fn lengths(numbers: [i64; 3]) -> Vec<Option<Decimal>> {
        numbers.map(|number| Some(number.into())).into()
    }

    #[test]
    fn bars_are_scaled_to_the_largest_and_read_without_colour() {
        let bars = series(vec![
            ("Momentum-1", lengths([500, 250, 250])),
            ("Rating-2", vec![Some(250.into()), None, Some((-5).into())]),
        ]);
        let expected = "\
Balance usage
█ filled  ▒ pending  ░ available
Momentum-1  ████████████▒▒▒▒▒▒░░░░░░  500.00  250.00  250.00
Rating-2    ██████                    250.00       –   -5.00
";
        assert_eq!(draw(&bars, STYLE), expected);
    }

    #[test]
    fn nothing_to_measure_draws_no_bar() {
        let text = draw(&series(vec![("A", lengths([0, 0, 0]))]), STYLE);
        assert!(
            text.lines()
                .nth(2)
                .unwrap()
                .chars()
                .all(|c| !"█▒░".contains(c)),
            "{text}"
        );
    }

    #[test]
    fn where_the_parts_have_no_room_their_sum_is_shown() {
        let bars = series(vec![(
            "Momentum-1",
            lengths([1_000_000, 2_000_000, 3_000_000]),
        )]);
        let text = draw(&bars, Style { width: 40, ..STYLE });
        assert!(text.ends_with("6,000,000.00\n"), "{text}");
        assert!(text.lines().all(|line| text::width(line) <= 40), "{text}");
    }

    #[test]
    fn extremes_are_drawn_too() {
        let bars = series(vec![
            ("A", vec![Some(Decimal::MAX); 9]),
            ("B", vec![Some(Decimal::MIN)]),
        ]);
        assert!(draw(&bars, STYLE).contains('█'));
    }
}
