//! Numbers as texts that lose nothing.
//!
//! Owns: the text of a decimal and of a float, and reading exactly these back.
//! Must not know: what a number stands for.

/// The most places that a decimal can have.
const PLACES: u8 = 28;

/// The longest text that is looked at as a number: an integer of 64 bits, its
/// sign, a point and the zeros behind it.
const LONGEST: usize = 64;

/// A decimal with as many places as its scale says, such as `-12.50`. A scale
/// that no decimal has, but a guest can name, stands behind an `e`.
pub(super) fn decimal_text(mantissa: i64, scale: u8) -> String {
    if scale > PLACES {
        return format!("{mantissa}e-{scale}");
    }
    let sign = if mantissa < 0 { "-" } else { "" };
    let places = usize::from(scale);
    let digits = format!("{:0>1$}", mantissa.unsigned_abs(), places + 1);
    match digits.split_at_checked(digits.len() - places) {
        Some((whole, fraction)) if !fraction.is_empty() => format!("{sign}{whole}.{fraction}"),
        _ => format!("{sign}{digits}"),
    }
}

/// Reads what [`decimal_text`] writes: mantissa and scale.
///
/// # Errors
/// Where it is of another form.
pub(super) fn decimal(text: &str) -> Result<(i64, u8), String> {
    let fault = || {
        let shown: String = text.chars().take(LONGEST).collect();
        format!("`{shown}` is not a decimal as a recording has them, such as 12.50")
    };
    let read = || {
        if text.len() > LONGEST {
            return None;
        }
        if let Some((mantissa, scale)) = text.split_once("e-") {
            return Some((mantissa.parse().ok()?, scale.parse().ok()?));
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mantissa = format!("{whole}{fraction}").parse().ok()?;
        Some((mantissa, u8::try_from(fraction.len()).ok()?))
    };
    // What is written another way is another number to a guest, or none.
    let read = read().filter(|(mantissa, scale)| decimal_text(*mantissa, *scale) == text);
    read.ok_or_else(fault)
}

/// A float as the shortest text that names it, since JSON has none for what is
/// not finite.
pub(super) mod float {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_places() {
        for (mantissa, scale, text) in [
            (0, 0, "0"),
            (0, 2, "0.00"),
            (-5, 2, "-0.05"),
            (1_250, 2, "12.50"),
            (i64::MIN, 0, "-9223372036854775808"),
            (7, 28, "0.0000000000000000000000000007"),
            (7, 29, "7e-29"),
            (-7, 255, "-7e-255"),
        ] {
            assert_eq!(decimal_text(mantissa, scale), text);
            assert_eq!(decimal(text), Ok((mantissa, scale)));
        }
    }

    #[test]
    fn what_is_written_another_way_is_refused() {
        for bad in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "+1",
            "01",
            "-0",
            "1e3",
            "7e-2",
            "NaN",
            " 1",
            "1.2.3",
            "9223372036854775808",
        ] {
            assert!(decimal(bad).is_err(), "{bad:?} was taken");
        }
        assert!(decimal(&"1".repeat(1_000_000)).unwrap_err().len() < 200);
    }
}
