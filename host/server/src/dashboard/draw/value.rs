//! One value as HTML.
//!
//! Owns: the written form of money, quantities, percentages and times. A number
//! of a view is written in full, never rounded to fit, and every number stands
//! in `<data>` with its exact value. Must not know: where the value stands.

use lombard_model::view::{Cell, Kind};
use lombard_model::{Decimal, Timestamp};
use maud::{Markup, html};

use super::words;

/// Places that any number is shown with at most, as the JSON of a view has.
const MOST_PLACES: u32 = 9;

/// Places that money is shown with at least.
const MONEY_PLACES: usize = 2;

/// Places of what is only as exact as a calculation.
const ROUNDED_PLACES: u32 = 2;

/// Whether values of a kind stand at the right of their column.
pub(super) fn is_numeric(kind: Kind) -> bool {
    match kind {
        Kind::Integer | Kind::Money | Kind::Percent | Kind::Quantity => true,
        Kind::Text | Kind::Time => false,
    }
}

/// Draws a value.
pub(in crate::dashboard) fn shown(kind: Kind, value: &Cell) -> Markup {
    aligned(kind, value, 0)
}

/// Draws a value with room for `places` behind its point, so that point stands
/// beneath point.
pub(super) fn aligned(kind: Kind, value: &Cell, places: usize) -> Markup {
    match value {
        Cell::Absent => html! { span.absent aria-label="none" role="img" { "–" } },
        Cell::Text(text) => html! { (words(text)) },
        Cell::Time(at) => time(*at),
        Cell::Integer(number) => self::number(kind, Decimal::from(*number), places),
        Cell::Decimal(number) => self::number(kind, *number, places),
    }
}

/// Draws a percentage that was calculated, to two places, where more would say
/// nothing. Its exact value stands behind it.
pub(in crate::dashboard) fn rounded_percent(number: Decimal) -> Markup {
    let shown = number.round_dp(ROUNDED_PLACES);
    number_of(&written(Kind::Percent, shown), &exact(number), "number", 0)
}

/// A point in time, to the second.
pub(in crate::dashboard) fn time(at: Timestamp) -> Markup {
    let exact = at.to_string();
    let words = exact.get(..19).unwrap_or(&exact).replacen('T', " ", 1);
    html! { time datetime=(exact) { (words) } }
}

/// A number of things.
pub(in crate::dashboard) fn count(number: u64) -> Markup {
    number_of(
        &grouped(&number.to_string()),
        &number.to_string(),
        "number",
        0,
    )
}

/// A time that something took, in milliseconds.
pub(in crate::dashboard) fn micros(us: u64) -> Markup {
    let (millis, tenths) = (us / 1_000, us % 1_000 / 100);
    html! { data.number value=(us) { (grouped(&millis.to_string())) "." (tenths) " ms" } }
}

/// A number without zeros at the end, and without `-0`, which would read as a
/// loss.
fn exact(number: Decimal) -> String {
    let number = number.round_dp(MOST_PLACES).normalize();
    match number.is_zero() {
        true => "0".to_owned(),
        false => number.to_string(),
    }
}

/// How many places behind its point a value is written with.
pub(super) fn places(kind: Kind, value: &Cell) -> usize {
    let number = match value {
        Cell::Integer(number) => Decimal::from(*number),
        Cell::Decimal(number) => *number,
        Cell::Absent | Cell::Text(_) | Cell::Time(_) => return 0,
    };
    behind_point(&written(kind, number))
}

fn behind_point(text: &str) -> usize {
    text.find('.').map_or(0, |point| text.len() - point - 1)
}

fn number(kind: Kind, number: Decimal, places: usize) -> Markup {
    let class = match kind {
        Kind::Money if number.is_zero() => "number",
        Kind::Money if number.is_sign_negative() => "number loss",
        Kind::Money => "number gain",
        _ => "number",
    };
    number_of(&written(kind, number), &exact(number), class, places)
}

fn number_of(written: &str, exact: &str, class: &str, places: usize) -> Markup {
    let behind = behind_point(written);
    let mut padding = String::new();
    if behind == 0 && places > 0 {
        // As wide as a point.
        padding.push('\u{2008}');
    }
    // As wide as a digit.
    padding.extend((behind..places).map(|_| '\u{2007}'));
    html! {
        data class=(class) value=(exact) { (written) }
        @if !padding.is_empty() { span aria-hidden="true" { (padding) } }
    }
}

fn written(kind: Kind, number: Decimal) -> String {
    let exact = exact(number);
    match kind {
        Kind::Money => {
            let mut text = grouped(&exact);
            let behind = behind_point(&text);
            if behind == 0 {
                text.push('.');
            }
            text.extend((behind..MONEY_PLACES).map(|_| '0'));
            text
        }
        Kind::Percent => grouped(&exact) + " %",
        Kind::Quantity => grouped(&exact),
        // Ids are whole numbers too, and nobody groups those.
        Kind::Integer | Kind::Text | Kind::Time => exact,
    }
}

fn grouped(text: &str) -> String {
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut grouped = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        lombard_model::parse_decimal(text).unwrap()
    }

    #[test]
    fn money_is_exact_grouped_and_has_two_places_at_least() {
        for (from, to) in [
            ("0", "0.00"),
            ("-0", "0.00"),
            ("1234567.5", "1,234,567.50"),
            ("-869.69665", "-869.69665"),
            ("-1000", "-1,000.00"),
            ("0.004", "0.004"),
        ] {
            assert_eq!(written(Kind::Money, decimal(from)), to);
        }
        assert_eq!(written(Kind::Percent, decimal("33.30")), "33.3 %");
        assert_eq!(written(Kind::Integer, decimal("1024")), "1024");
        assert_eq!(written(Kind::Quantity, decimal("1024.10")), "1,024.1");
    }

    #[test]
    fn a_number_carries_its_exact_value_and_says_a_loss() {
        let html = shown(Kind::Money, &decimal("-1234.5").into()).into_string();
        let expected = r#"<data class="number loss" value="-1234.5">-1,234.50</data>"#;
        assert_eq!(html, expected);
    }

    #[test]
    fn a_rounded_percentage_has_its_exact_value_behind_it() {
        let html = rounded_percent(decimal("73.172684976")).into_string();
        assert!(
            html.ends_with("value=\"73.172684976\">73.17 %</data>"),
            "{html}"
        );
    }

    #[test]
    fn padding_puts_point_beneath_point_and_is_not_read_out() {
        let html = aligned(Kind::Quantity, &7_i64.into(), 2).into_string();
        assert!(html.ends_with("<span aria-hidden=\"true\">\u{2008}\u{2007}\u{2007}</span>"));
    }

    #[test]
    fn a_value_of_another_kind_is_shown_as_what_it_is() {
        let text = shown(Kind::Money, &"<b>".into()).into_string();
        assert_eq!(text, "&lt;b&gt;");
        assert!(shown(Kind::Time, &Cell::Absent).into_string().contains('–'));
        assert_eq!(places(Kind::Money, &"n/a".into()), 0);
    }

    #[test]
    fn extremes_are_written_too() {
        let largest = shown(Kind::Money, &Decimal::MAX.into()).into_string();
        assert!(largest.contains("79,228,162,514,264,337,593,543,950,335.00"));
        let _ = time(Timestamp::from_micros(i64::MIN));
        assert!(micros(u64::MAX).into_string().contains("ms"));
    }
}
