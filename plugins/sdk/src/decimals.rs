//! Exact numbers, written down and shown.
//!
//! Owns: constants of [`Decimal`], and the ways an explanation or a log shows
//! one. Must not know: views; the host writes the numbers in them.
//!
//! A [`Decimal`] adds, compares and is sorted as any number, exactly. Where it
//! can't hold the answer an operator panics and ends the call; `checked_add` and
//! its like give none instead, for numbers that nobody has looked at.
//!
//! ```
//! use lombard_sdk::prelude::*;
//! use lombard_sdk::{dec, decimals};
//!
//! const FEE: Decimal = dec!(0.25);
//! let price = dec!(101.5);
//! let paid = price * dec!(3) + FEE;
//! assert_eq!(paid, dec!(304.75));
//! assert_eq!(decimals::money(paid), "304.75");
//! assert_eq!(paid.checked_div(Decimal::ZERO), None);
//! ```

use rust_decimal::RoundingStrategy;

pub use lombard_model::{Decimal, DecimalError, parse_decimal};

const HALF_UP: RoundingStrategy = RoundingStrategy::MidpointAwayFromZero;

/// A [`Decimal`] that is written down: `dec!(12.5)`. It is made while the plugin
/// is compiled; what is no decimal does not compile.
///
/// ```
/// use lombard_sdk::dec;
///
/// assert_eq!(dec!(-12.50).to_string(), "-12.50");
/// assert_eq!(dec!(1_000), dec!(1000.0));
/// ```
///
/// ```compile_fail
/// let _ = lombard_sdk::dec!(1e3);
/// ```
#[macro_export]
macro_rules! dec {
    ($number:literal) => {{
        const NUMBER: $crate::decimals::Decimal = $crate::decimals::__written(stringify!($number));
        NUMBER
    }};
}

/// Reads a number in the code.
#[doc(hidden)]
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "96 bits are taken 32 at a time, in a constant, where there is no conversion"
)]
pub const fn __written(text: &str) -> Decimal {
    let bytes = text.as_bytes();
    let (mut mantissa, mut scale, mut has_point) = (0_u128, 0_u32, false);
    let is_negative = matches!(bytes, [b'-', ..]);
    let mut at = if is_negative { 1 } else { 0 };
    while at < bytes.len() {
        match bytes[at] {
            digit @ b'0'..=b'9' => {
                mantissa = mantissa * 10 + (digit - b'0') as u128;
                scale += has_point as u32;
            }
            b'.' if !has_point => has_point = true,
            b'_' | b' ' => {}
            _ => panic!("a decimal is digits with at most one point: 12.5"),
        }
        at += 1;
    }
    assert!(
        mantissa < 1 << 96 && scale <= 28,
        "a decimal has at most 28 digits"
    );
    let (low, middle, high) = (mantissa, mantissa >> 32, mantissa >> 64);
    Decimal::from_parts(low as u32, middle as u32, high as u32, is_negative, scale)
}

/// With so many places, rounded half away from 0, as people round.
///
/// ```
/// use lombard_sdk::{dec, decimals::with_places};
///
/// assert_eq!(with_places(dec!(2.5), 0), "3");
/// assert_eq!(with_places(dec!(-0.125), 2), "-0.13");
/// assert_eq!(with_places(dec!(7), 2), "7.00");
/// ```
#[must_use]
pub fn with_places(number: Decimal, places: u32) -> String {
    let mut rounded = number.round_dp_with_strategy(places, HALF_UP);
    rounded.rescale(places);
    rounded.to_string()
}

/// An amount of money, with two places.
///
/// ```
/// use lombard_sdk::{dec, decimals::money};
///
/// assert_eq!(money(dec!(1234.5)), "1234.50");
/// ```
#[must_use]
pub fn money(amount: Decimal) -> String {
    with_places(amount, 2)
}

/// A percentage, 100 for the whole, with one place.
///
/// ```
/// use lombard_sdk::{dec, decimals::percent};
///
/// assert_eq!(percent(dec!(12.34)), "12.3 %");
/// ```
#[must_use]
pub fn percent(number: Decimal) -> String {
    format!("{} %", with_places(number, 1))
}
