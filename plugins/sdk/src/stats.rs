//! The little statistics that most experts need, in exact numbers.
//!
//! Owns: means, roots, returns and realised volatility, all checked: what has
//! no answer (no values, a price of 0, an overflow) is `None`, not a panic.
//! Must not know: trading rules.

use lombard_model::{Decimal, RiskLevel};

/// Trading days of a year, the convention for annual volatility.
const TRADING_DAYS: u32 = 252;

/// The arithmetic mean; none of no values.
#[must_use]
pub fn mean(values: &[Decimal]) -> Option<Decimal> {
    let sum = values
        .iter()
        .try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value))?;
    sum.checked_div(Decimal::from(values.len()))
}

/// The square root, by Newton's method; none of a negative number.
#[must_use]
pub fn sqrt(number: Decimal) -> Option<Decimal> {
    if number <= Decimal::ZERO {
        return number.is_zero().then_some(Decimal::ZERO);
    }
    // From above the root the steps fall; where they no longer do, it is found.
    let mut root = number
        .checked_div(Decimal::TWO)?
        .checked_add(Decimal::ONE)?;
    loop {
        let next = number
            .checked_div(root)?
            .checked_add(root)?
            .checked_div(Decimal::TWO)?;
        if next >= root {
            return Some(root);
        }
        root = next;
    }
}

/// The day-to-day returns of closing prices, 0.01 for one percent; none where
/// a price is not above 0.
#[must_use]
pub fn returns(closes: &[Decimal]) -> Option<Vec<Decimal>> {
    if closes.iter().any(|close| *close <= Decimal::ZERO) {
        return None;
    }
    let pairs = closes.iter().zip(closes.iter().skip(1));
    pairs
        .map(|(before, close)| close.checked_div(*before)?.checked_sub(Decimal::ONE))
        .collect()
}

/// The deviation of returns from 0. Their mean is taken as 0, as is usual for
/// days, where it is far smaller than its own error.
#[must_use]
pub fn deviation(returns: &[Decimal]) -> Option<Decimal> {
    let squares: Option<Vec<_>> = returns.iter().map(|r| r.checked_mul(*r)).collect();
    sqrt(mean(&squares?)?)
}

/// Realised volatility of closing prices, in percent a year.
#[must_use]
pub fn annual_volatility(closes: &[Decimal]) -> Option<Decimal> {
    let a_year = sqrt(Decimal::from(TRADING_DAYS))?;
    deviation(&returns(closes)?)?
        .checked_mul(a_year)?
        .checked_mul(Decimal::ONE_HUNDRED)
}

/// The risk that goes with an annual volatility in percent: below 20, about
/// what a broad index has, is low; above 40 is high.
#[must_use]
pub fn risk_of(annual_volatility: Decimal) -> RiskLevel {
    if annual_volatility < Decimal::from(20) {
        RiskLevel::Low
    } else if annual_volatility <= Decimal::from(40) {
        RiskLevel::Medium
    } else {
        RiskLevel::High
    }
}

/// How much of a normal distribution lies within `z` deviations of its middle,
/// 0 to 1.
///
/// `1 − (1 + c₁z + c₂z² + c₃z³ + c₄z⁴)⁻⁴`, after Abramowitz and Stegun,
/// *Handbook of Mathematical Functions* (1964), 26.2.18, where it is stated for
/// one side with an error below 0.00025.
#[must_use]
pub fn within_deviations(z: Decimal) -> Option<Decimal> {
    // Beyond this nothing changes in the digits that are right.
    let z = z.abs().min(Decimal::TEN);
    let coefficients = [19_527, 344, 115_194, 196_854, 1_000_000];
    let polynomial = coefficients
        .into_iter()
        .try_fold(Decimal::ZERO, |sum, coefficient| {
            sum.checked_mul(z)?
                .checked_add(Decimal::new(coefficient, 6))
        })?;
    let square = polynomial.checked_mul(polynomial)?;
    let outside = Decimal::ONE.checked_div(square.checked_mul(square)?)?;
    Decimal::ONE.checked_sub(outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimals(numbers: &[i64]) -> Vec<Decimal> {
        numbers.iter().copied().map(Decimal::from).collect()
    }

    #[test]
    fn roots_are_exact_to_many_places() {
        assert_eq!(sqrt(Decimal::from(144)), Some(Decimal::from(12)));
        assert_eq!(
            sqrt(Decimal::new(25, 4)).unwrap().round_dp(20),
            Decimal::new(5, 2)
        );
        let two = sqrt(Decimal::TWO).unwrap().round_dp(12);
        assert_eq!(two.to_string(), "1.414213562373");
        assert_eq!(sqrt(-Decimal::ONE), None);
        assert_eq!(sqrt(Decimal::ZERO), Some(Decimal::ZERO));
        assert!(sqrt(Decimal::MAX).is_some());
        assert!(sqrt(Decimal::new(1, 28)).is_some());
    }

    #[test]
    fn what_has_no_answer_is_none() {
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[Decimal::MAX, Decimal::MAX]), None);
        assert_eq!(returns(&decimals(&[1, 0, 1])), None);
        assert_eq!(annual_volatility(&decimals(&[7])), None);
    }

    #[test]
    fn volatility_is_the_deviation_of_a_year() {
        // Ten percent up, then down to the same price: 0.1 and −0.0909….
        let closes = decimals(&[100, 110, 100]);
        // √((0.01 + 0.00826446…) / 2) × √252 × 100.
        let volatility = annual_volatility(&closes).unwrap().round_dp(4);
        assert_eq!(volatility.to_string(), "151.7011");
        assert_eq!(risk_of(volatility), RiskLevel::High);
        assert_eq!(risk_of(Decimal::from(20)), RiskLevel::Medium);
        assert_eq!(risk_of(Decimal::new(199, 1)), RiskLevel::Low);
    }

    #[test]
    fn the_normal_distribution_is_that_of_the_tables() {
        for (z, inside) in [
            (0, "0.000"),
            (1000, "0.683"),
            (1960, "0.950"),
            (3000, "0.997"),
        ] {
            let found = within_deviations(Decimal::new(z, 3)).unwrap();
            let expected: Decimal = inside.parse().unwrap();
            assert!(
                (found - expected).abs() < Decimal::new(1, 3),
                "{z}: {found}"
            );
        }
    }
}
