//! Exact numbers: how they are read, written and sent over the boundary.
//!
//! Owns: which decimals exist for Lombard (those that fit the wire form) and
//! the rounding of those that come out of a calculation.
//! Must not know: what a number stands for.

pub use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;

/// Places kept of a calculated number that is shown or sent.
const SHOWN_PLACES: u32 = 9;

/// The longest text that is looked at as a number.
const MAX_TEXT: usize = 48;

/// The longest text without a sign whose digits fit [`WireDecimal`] whatever
/// they are.
const MAX_SHORT: usize = 18;

/// Why a text or a wire form is not one of our decimals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// Not of the form `-12.5`.
    #[error("`{0}` is not a decimal number such as 12.5")]
    Malformed(String),
    /// More digits than the wire form has room for.
    #[error("`{0}` is out of range: a decimal has at most 18 digits, all told")]
    OutOfRange(String),
    /// A wire form with a scale that no decimal has.
    #[error("a scale of {0} is out of range: at most 28 digits stand behind the point")]
    Scale(u8),
}

/// A decimal as it crosses the boundary: `mantissa × 10^-scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireDecimal {
    /// The digits, with the sign.
    pub mantissa: i64,
    /// How many of them stand behind the point.
    pub scale: u8,
}

impl WireDecimal {
    /// The wire form of a number, exact or rounded (half to even) to 9 places,
    /// to fewer where the digits before the point leave no room.
    ///
    /// # Errors
    /// [`DecimalError::OutOfRange`] where even the whole part does not fit.
    #[inline]
    pub fn rounded(number: Decimal) -> Result<Self, DecimalError> {
        // Most are what `parse_decimal` gave: short and without a 0 at the end.
        match Self::exact(number) {
            Some(wire) if wire.is_normal() => Ok(wire),
            _ => Self::shortened(number),
        }
    }

    fn shortened(number: Decimal) -> Result<Self, DecimalError> {
        let exact = number.normalize();
        if let Some(wire) = Self::exact(exact) {
            return Ok(wire);
        }
        (0..=SHOWN_PLACES)
            .rev()
            .find_map(|places| {
                let strategy = RoundingStrategy::MidpointNearestEven;
                Self::exact(exact.round_dp_with_strategy(places, strategy).normalize())
            })
            .ok_or_else(|| DecimalError::OutOfRange(number.to_string()))
    }

    /// Whether no digit behind the point could be left out.
    #[inline]
    fn is_normal(self) -> bool {
        self.scale == 0 || self.mantissa % 10 != 0
    }

    #[inline]
    fn exact(number: Decimal) -> Option<Self> {
        Some(Self {
            mantissa: i64::try_from(number.mantissa()).ok()?,
            scale: u8::try_from(number.scale()).ok()?,
        })
    }
}

impl TryFrom<WireDecimal> for Decimal {
    type Error = DecimalError;

    fn try_from(wire: WireDecimal) -> Result<Self, DecimalError> {
        Self::try_new(wire.mantissa, wire.scale.into()).map_err(|_| DecimalError::Scale(wire.scale))
    }
}

/// Reads a number of the form `-12.5`: a sign, digits, a point, digits. No
/// exponent, no spaces, no names such as `NaN`.
///
/// # Errors
/// [`DecimalError::Malformed`] for another form, [`DecimalError::OutOfRange`]
/// where it does not fit [`WireDecimal`] exactly.
pub fn parse_decimal(text: &str) -> Result<Decimal, DecimalError> {
    match parse_short(text) {
        Some(number) => Ok(number),
        None => parse_any(text),
    }
}

/// A number that is written in the shortest way and surely fits, as nearly all
/// in a database are; none where that is not plain to see.
fn parse_short(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    if digits.len() > MAX_SHORT {
        return None;
    }
    let mut mantissa = 0_i64;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = 10 * mantissa + i64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => return None,
        }
    }
    let scale = match (point, digits) {
        // What stands on one side of the point only, and a 0 that could be
        // left out.
        (_, [] | [b'.', ..]) | (Some(_), [.., b'.' | b'0']) => return None,
        (None, _) => 0,
        (Some(at), _) => digits.len() - at - 1,
    };
    let is_negative = digits.len() < text.len();
    let mantissa = if is_negative { -mantissa } else { mantissa };
    Decimal::try_new(mantissa, scale.try_into().ok()?).ok()
}

fn parse_any(text: &str) -> Result<Decimal, DecimalError> {
    let shown = || text.chars().take(MAX_TEXT).collect::<String>();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(DecimalError::Malformed(shown()));
    }
    if text.len() > MAX_TEXT {
        return Err(DecimalError::OutOfRange(shown()));
    }
    // `from_str_exact` refuses what it would have to round.
    let number = Decimal::from_str_exact(text)
        .map_err(|_| DecimalError::OutOfRange(shown()))?
        .normalize();
    match WireDecimal::exact(number) {
        Some(_) => Ok(number),
        None => Err(DecimalError::OutOfRange(shown())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_plain_numbers_in_range_are_read() {
        for good in [
            "0",
            "-0",
            "10.0",
            "+1.5",
            "-0.005",
            "400000.0",
            "0.000000000000000001",
        ] {
            assert!(parse_decimal(good).is_ok(), "{good} was refused");
        }
        for bad in [
            "", ".", "1.", ".5", "1e3", "NaN", "inf", " 1", "1_000", "0x1", "--1", "1.2.3",
        ] {
            let error = parse_decimal(bad).unwrap_err();
            assert!(
                matches!(error, DecimalError::Malformed(_)),
                "{bad}: {error}"
            );
        }
        let forty_zeros = format!("1{}", "0".repeat(40));
        for big in [
            forty_zeros.as_str(),
            "9223372036854775808",
            "1.2345678901234567890123",
        ] {
            let error = parse_decimal(big).unwrap_err();
            assert!(
                matches!(error, DecimalError::OutOfRange(_)),
                "{big}: {error}"
            );
        }
    }

    #[test]
    fn the_numbers_of_a_book_are_short() {
        for text in [
            "0",
            "10",
            "-4",
            "0.5",
            "173.25",
            "-0.000001",
            "99999999999999999",
            "-999999999999999999",
        ] {
            let number = parse_short(text).unwrap();
            assert_eq!(number.serialize(), parse_any(text).unwrap().serialize());
        }
        assert_eq!(
            parse_short("-0").unwrap().serialize(),
            Decimal::ZERO.serialize()
        );
    }

    #[test]
    fn what_a_calculation_leaves_is_rounded_to_nine_places_or_fewer() {
        let third = Decimal::ONE / Decimal::from(3);
        let wire = WireDecimal::rounded(third).unwrap();
        assert_eq!((wire.mantissa, wire.scale), (333_333_333, 9));
        let large = Decimal::from_str_exact("123456789012345.123456789").unwrap();
        let wire = WireDecimal::rounded(large).unwrap();
        assert_eq!((wire.mantissa, wire.scale), (1_234_567_890_123_451_235, 4));
        assert!(WireDecimal::rounded(Decimal::MAX).is_err());
    }

    #[test]
    fn a_scale_that_no_decimal_has_is_refused() {
        let wire = WireDecimal {
            mantissa: i64::MIN,
            scale: 29,
        };
        assert_eq!(Decimal::try_from(wire), Err(DecimalError::Scale(29)));
        let wire = WireDecimal {
            mantissa: i64::MIN,
            scale: 28,
        };
        assert!(Decimal::try_from(wire).is_ok());
    }

    proptest! {
        #[test]
        fn the_wire_form_loses_nothing(mantissa: i64, scale in 0_u8..=28) {
            let number = Decimal::try_from(WireDecimal { mantissa, scale }).unwrap();
            let back = Decimal::try_from(WireDecimal::rounded(number).unwrap()).unwrap();
            prop_assert_eq!(number, back);
        }

        #[test]
        fn the_wire_form_has_no_digit_too_many(digits in -9_999_i64..=9_999, zeros in 0_u32..=9, scale in 0_u8..=12) {
            let mantissa = digits * 10_i64.pow(zeros);
            let number = Decimal::try_from(WireDecimal { mantissa, scale }).unwrap();
            let wire = WireDecimal::rounded(number).unwrap();
            let shortest = number.normalize();
            prop_assert_eq!((i128::from(wire.mantissa), u32::from(wire.scale)), (shortest.mantissa(), shortest.scale()));
        }

        #[test]
        fn a_short_text_is_read_as_any_other(text in "[-+]?[0-9.]{0,20}|[-+]?(0|[1-9][0-9]{0,9})(\\.[0-9]{1,9})?|.{0,6}") {
            if let Some(number) = parse_short(&text) {
                let any = parse_any(&text).unwrap();
                prop_assert_eq!(number.serialize(), any.serialize(), "{}", text);
            }
        }

        #[test]
        fn what_is_written_is_read_back(mantissa: i64, scale in 0_u8..=18) {
            let number = Decimal::try_from(WireDecimal { mantissa, scale }).unwrap();
            prop_assert_eq!(parse_decimal(&number.to_string()).unwrap(), number);
        }
    }
}
