//! One value as text.
//!
//! Owns: the written form of money, quantities, percentages and times.
//! Must not know: where the value stands.

use lombard_model::Decimal;
use lombard_model::view::{Cell, Kind};

use super::paint::Tone;
use super::{Style, text};

/// Places that money is shown with.
const MONEY_PLACES: u32 = 2;

/// Places that any number is shown with, at most. An amount of money below the
/// smallest coin has them too, so that it is not taken for nothing.
const MOST_PLACES: u32 = 9;

/// Places that a percentage is shown with, at most.
const PERCENT_PLACES: u32 = 2;

/// A value, written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// What is written.
    pub(super) text: String,
    /// What follows a number and is not part of it.
    pub(super) suffix: &'static str,
    /// Its colour.
    pub(super) tone: Tone,
    /// Whether it is a number. Part of a number is another number, so it is
    /// shown whole or not at all.
    pub(super) is_number: bool,
}

impl Shown {
    /// Columns that it takes.
    pub(super) fn width(&self) -> usize {
        text::width(&self.text) + self.suffix.len()
    }

    /// Columns before and behind the decimal point, the point among the
    /// latter and the suffix left out.
    pub(super) fn around_point(&self) -> (usize, usize) {
        let whole = self.text.find('.').unwrap_or(self.text.len());
        (whole, self.text.len() - whole)
    }

    /// What there is room for: a text cut short, a number whole or not at all.
    pub(super) fn fitted(&self, room: usize, style: Style) -> Self {
        if self.width() <= room {
            return self.clone();
        }
        let cut = if self.is_number {
            style.ellipsis()
        } else {
            &self.text
        };
        Self {
            text: text::clip(cut, room, style),
            suffix: "",
            tone: self.tone,
            is_number: false,
        }
    }

    fn number(text: String) -> Self {
        Self {
            text,
            suffix: "",
            tone: Tone::Plain,
            is_number: true,
        }
    }

    fn words(text: String, tone: Tone) -> Self {
        Self {
            text,
            suffix: "",
            tone,
            is_number: false,
        }
    }
}

/// Whether values of a kind stand at the right of their column.
pub(super) fn is_numeric(kind: Kind) -> bool {
    match kind {
        Kind::Integer | Kind::Money | Kind::Percent | Kind::Quantity => true,
        Kind::Text | Kind::Time => false,
    }
}

/// Writes a value. A text is cut at the widest line there is.
pub(super) fn shown(kind: Kind, value: &Cell, style: Style) -> Shown {
    match value {
        Cell::Absent => Shown::words(style.dash().to_owned(), Tone::Dim),
        Cell::Text(words) => Shown::words(text::clip(words, super::WIDEST, style), Tone::Plain),
        Cell::Time(time) => Shown::words(text::clip(&time.to_string(), 40, style), Tone::Plain),
        Cell::Integer(number) => self::number(kind, Decimal::from(*number)),
        Cell::Decimal(number) => self::number(kind, *number),
    }
}

/// Writes a number.
pub(super) fn number(kind: Kind, number: Decimal) -> Shown {
    match kind {
        Kind::Money => Shown {
            tone: tone_of(number),
            ..Shown::number(money(number))
        },
        Kind::Percent => Shown {
            suffix: " %",
            ..Shown::number(grouped(number.round_dp(PERCENT_PLACES)))
        },
        Kind::Quantity => Shown::number(grouped(number.round_dp(MOST_PLACES))),
        // Ids are whole numbers too, and nobody groups those.
        Kind::Integer | Kind::Text | Kind::Time => {
            Shown::number(plain(number.round_dp(MOST_PLACES)))
        }
    }
}

fn tone_of(amount: Decimal) -> Tone {
    if amount.is_zero() {
        Tone::Plain
    } else if amount.is_sign_negative() {
        Tone::Loss
    } else {
        Tone::Gain
    }
}

fn money(amount: Decimal) -> String {
    let rounded = amount.round_dp(MONEY_PLACES);
    if rounded.is_zero() && !amount.is_zero() {
        let small = amount.round_dp(MOST_PLACES);
        if !small.is_zero() {
            return grouped(small);
        }
    }
    let mut text = grouped(rounded);
    let places = text.find('.').map_or(0, |point| text.len() - point - 1);
    if places == 0 {
        text.push('.');
    }
    text.extend((places..2).map(|_| '0'));
    text
}

/// Without zeros at the end, and without `-0`, which would read as a loss.
fn plain(number: Decimal) -> String {
    let number = number.normalize();
    if number.is_zero() {
        "0".to_owned()
    } else {
        number.to_string()
    }
}

fn grouped(number: Decimal) -> String {
    let text = plain(number);
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

    const STYLE: Style = Style {
        color: false,
        width: 80,
        unicode: true,
    };

    fn written(kind: Kind, text: &str) -> String {
        let shown = number(kind, lombard_model::parse_decimal(text).unwrap());
        shown.text + shown.suffix
    }

    #[test]
    fn money_is_grouped_and_rounded_half_to_even() {
        let cases = [
            ("0", "0.00"),
            ("1234567.5", "1,234,567.50"),
            ("-999.005", "-999.00"),
            ("0.015", "0.02"),
            ("2.675", "2.68"),
            ("-1000", "-1,000.00"),
            ("100", "100.00"),
        ];
        for (from, to) in cases {
            assert_eq!(written(Kind::Money, from), to);
        }
    }

    #[test]
    fn a_small_amount_is_not_shown_as_nothing_nor_nothing_as_a_loss() {
        assert_eq!(written(Kind::Money, "-0.004"), "-0.004");
        assert_eq!(written(Kind::Money, "0.00000000001"), "0.00");
        assert_eq!(written(Kind::Money, "-0"), "0.00");
        assert_eq!(number(Kind::Money, Decimal::ZERO).tone, Tone::Plain);
    }

    #[test]
    fn quantities_have_nine_places_and_percentages_two() {
        assert_eq!(written(Kind::Quantity, "12345.678900"), "12,345.6789");
        assert_eq!(written(Kind::Quantity, "0.1234567891"), "0.123456789");
        assert_eq!(written(Kind::Percent, "33.33333"), "33.33 %");
        assert_eq!(written(Kind::Percent, "50.0"), "50 %");
        assert_eq!(written(Kind::Integer, "1024"), "1024");
    }

    #[test]
    fn extremes_are_written_too() {
        let smallest = Decimal::from_i128_with_scale(i64::MIN.into(), 28);
        assert_eq!(number(Kind::Quantity, smallest).text, "-0.000000001");
        assert_eq!(number(Kind::Money, smallest).text, "-0.000000001");
        let largest = number(Kind::Money, Decimal::MAX).text;
        assert_eq!(largest, "79,228,162,514,264,337,593,543,950,335.00");
    }

    #[test]
    fn a_value_of_another_kind_is_shown_as_what_it_is() {
        assert_eq!(shown(Kind::Money, &"n/a".into(), STYLE).text, "n/a");
        assert_eq!(shown(Kind::Time, &5_i64.into(), STYLE).text, "5");
        assert_eq!(shown(Kind::Integer, &Cell::Absent, STYLE).text, "–");
    }

    #[test]
    fn part_of_a_number_is_never_shown() {
        let amount = shown(Kind::Money, &1_234_567_i64.into(), STYLE);
        assert_eq!(amount.fitted(12, STYLE).text, "1,234,567.00");
        assert_eq!(amount.fitted(11, STYLE).text, "…");
        let words = shown(Kind::Text, &"abcdef".into(), STYLE);
        assert_eq!(words.fitted(4, STYLE).text, "abc…");
    }
}
