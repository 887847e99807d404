//! Two moving averages, and what it means when they cross.
//!
//! Owns: the rule and its numbers. Must not know: where bars come from.

use lombard_sdk::prelude::*;
use lombard_sdk::stats;

/// The lengths that the rule works with, in trading days.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Days {
    /// Of the fast average.
    pub(crate) fast: usize,
    /// Of the slow average; more than the fast one's.
    pub(crate) slow: usize,
    /// For which a cross is new.
    pub(crate) fresh: usize,
}

impl Days {
    /// How many bars tell both averages on each day a cross would be new, and
    /// on the day before.
    pub(crate) const fn needed(self) -> usize {
        self.slow + self.fresh
    }

    /// A trend is as long as the average that shows it.
    pub(crate) const fn horizon(self) -> TimeHorizon {
        match self.slow {
            0..=21 => TimeHorizon::ShortTerm,
            22..=126 => TimeHorizon::MediumTerm,
            _ => TimeHorizon::LongTerm,
        }
    }
}

/// Where two averages stand to each other on the last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cross {
    /// The last day.
    pub(crate) day: Timestamp,
    /// Its close.
    pub(crate) close: Decimal,
    /// The fast average.
    pub(crate) fast: Decimal,
    /// The slow average.
    pub(crate) slow: Decimal,
    /// The fast one less the slow one, in percent of the close.
    pub(crate) gap: Decimal,
    /// The day of the newest cross, where it is new.
    pub(crate) crossed: Option<Timestamp>,
    /// Buy or sell after a new cross, else hold.
    pub(crate) action: Action,
    /// See [`confidence`].
    pub(crate) confidence: Decimal,
    /// See [`expected_profit`].
    pub(crate) expected_profit: Decimal,
    /// In percent a year.
    pub(crate) volatility: Decimal,
}

impl Cross {
    /// Reads bars, oldest first; none where there are too few, or prices that
    /// are none.
    pub(crate) fn of(bars: &[Bar], days: Days) -> Option<Self> {
        if bars.len() < days.needed() {
            return None;
        }
        let bars = &bars[bars.len() - days.needed()..];
        let closes: Vec<_> = bars.iter().map(|bar| bar.close).collect();
        let last = bars.last()?;
        let fast = stats::mean(&closes[closes.len() - days.fast..])?;
        let slow = stats::mean(&closes[closes.len() - days.slow..])?;
        let deviation = stats::deviation(&stats::returns(&closes)?)?;
        let gap = percent(fast.checked_sub(slow)?, last.close)?;
        let crossed = crossed(bars, &closes, days)?;
        let action = match crossed {
            None => Action::Hold,
            Some(_) if gap > Decimal::ZERO => Action::Buy,
            Some(_) => Action::Sell,
        };
        let confidence = confidence(gap, deviation, days)?;
        Some(Self {
            day: last.day,
            close: last.close,
            fast,
            slow,
            gap,
            crossed,
            action,
            confidence,
            expected_profit: match action {
                Action::Hold => Decimal::ZERO,
                _ => expected_profit(gap, confidence, days)?,
            },
            volatility: stats::annual_volatility(&closes)?,
        })
    }
}

fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)
}

/// The newest day on which the fast average changed sides and stayed there;
/// days on which both are equal belong to no side.
#[expect(
    clippy::option_option,
    reason = "no answer, or the answer that there is no cross"
)]
fn crossed(bars: &[Bar], closes: &[Decimal], days: Days) -> Option<Option<Timestamp>> {
    let mut newest = None;
    let mut side = None;
    for end in days.slow..=closes.len() {
        let fast = stats::mean(&closes[end - days.fast..end])?;
        let slow = stats::mean(&closes[end - days.slow..end])?;
        if fast == slow {
            continue;
        }
        let is_above = fast > slow;
        if side.is_some_and(|was_above| was_above != is_above) {
            newest = Some(bars[end - 1].day);
        }
        side = Some(is_above);
    }
    Some(newest)
}

/// How sure one can be that the gap is no chance: the share of gaps, in
/// percent, that would be smaller if prices had no trend.
///
/// Without a trend daily returns `r` are independent with deviation `σ`, and
/// the gap of the averages over `n` and `m` days is `Σ wⱼ rⱼ` with
/// `wⱼ = j (1/n − 1/m)` for `j < n` and `1 − j/m` for `n ≤ j < m` (`j` days
/// back; this follows from writing each close as the last one less the returns
/// since). So it has deviation `σ √(Σ wⱼ²)`, and the gap in units of that is a
/// two-sided z statistic.
fn confidence(gap: Decimal, deviation: Decimal, days: Days) -> Option<Decimal> {
    let spread = deviation
        .checked_mul(weight(days)?)?
        .checked_mul(Decimal::ONE_HUNDRED)?;
    if spread.is_zero() {
        return Some(Decimal::ZERO);
    }
    let z = gap.checked_div(spread)?;
    stats::within_deviations(z)?.checked_mul(Decimal::ONE_HUNDRED)
}

/// `√(Σ wⱼ²)`, see [`confidence`].
fn weight(days: Days) -> Option<Decimal> {
    let (fast, slow) = (Decimal::from(days.fast), Decimal::from(days.slow));
    let mut sum = Decimal::ZERO;
    for back in 1..days.slow {
        let behind_fast = (Decimal::ONE - Decimal::from(back) / fast).max(Decimal::ZERO);
        let behind_slow = Decimal::ONE - Decimal::from(back) / slow;
        let weight = behind_slow - behind_fast;
        sum = sum.checked_add(weight.checked_mul(weight)?)?;
    }
    stats::sqrt(sum)
}

/// What to gain if the trend goes on for as long as the fast average, in
/// percent, weighed by how sure the trend is.
///
/// On a straight line of slope `s` an average over `n` days lies `s (n − 1)/2`
/// behind the price, so that a gap means `s = 2 gap / (m − n)` a day.
fn expected_profit(gap: Decimal, confidence: Decimal, days: Days) -> Option<Decimal> {
    let apart = Decimal::from(days.slow - days.fast);
    gap.abs()
        .checked_mul(Decimal::TWO)?
        .checked_div(apart)?
        .checked_mul(Decimal::from(days.fast))?
        .checked_mul(confidence)?
        .checked_div(Decimal::ONE_HUNDRED)
        .map(|profit| profit.min(Decimal::from(10_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: Days = Days {
        fast: 2,
        slow: 4,
        fresh: 2,
    };

    fn bars(closes: &[i64]) -> Vec<Bar> {
        let bar = |(day, close): (i64, &i64)| Bar {
            day: Timestamp::from_micros(day * 86_400_000_000),
            open: Decimal::from(*close),
            high: Decimal::from(*close),
            low: Decimal::from(*close),
            close: Decimal::from(*close),
            volume: Decimal::ONE,
        };
        (0..).zip(closes).map(bar).collect()
    }

    #[test]
    fn a_new_cross_upwards_is_a_buy() {
        // Fast and slow averages of the last three days: 9.5 and 9.75,
        // 9.5 and 9.5 (no side), 12 and 10.75.
        let cross = Cross::of(&bars(&[11, 10, 9, 10, 9, 15]), DAYS).unwrap();
        assert_eq!(cross.fast, Decimal::from(12));
        assert_eq!(cross.slow, Decimal::new(1075, 2));
        assert_eq!(cross.action, Action::Buy);
        assert_eq!(
            cross.crossed,
            Some(Timestamp::from_micros(5 * 86_400_000_000))
        );
        // 1.25 of 15.
        assert_eq!(cross.gap.round_dp(6).to_string(), "8.333333");
    }

    #[test]
    fn a_new_cross_downwards_is_a_sell() {
        let cross = Cross::of(&bars(&[10, 11, 12, 13, 12, 5]), DAYS).unwrap();
        assert_eq!(cross.action, Action::Sell);
        assert!(cross.gap < Decimal::ZERO);
        assert!(cross.expected_profit > Decimal::ZERO);
    }

    #[test]
    fn an_old_cross_is_to_be_held() {
        let cross = Cross::of(&bars(&[1, 10, 11, 12, 13, 14, 15, 16]), DAYS).unwrap();
        assert_eq!((cross.action, cross.crossed), (Action::Hold, None));
        assert_eq!(cross.expected_profit, Decimal::ZERO);
    }

    #[test]
    fn too_few_bars_or_prices_of_nothing_say_nothing() {
        assert_eq!(Cross::of(&bars(&[1, 2, 3, 4, 5]), DAYS), None);
        assert_eq!(Cross::of(&bars(&[1, 2, 3, 0, 5, 6]), DAYS), None);
        let huge = i64::MAX;
        assert!(Cross::of(&bars(&[1, huge, 1, huge, 1, huge]), DAYS).is_none());
    }

    #[test]
    fn prices_that_stand_still_give_no_confidence() {
        let cross = Cross::of(&bars(&[7; 6]), DAYS).unwrap();
        assert_eq!(
            (cross.action, cross.confidence),
            (Action::Hold, Decimal::ZERO)
        );
        assert_eq!(cross.volatility, Decimal::ZERO);
    }

    #[test]
    fn the_weights_are_those_of_the_returns() {
        // By hand for 2 and 4 days: ¾ − ½, ½ − 0, ¼ − 0; squares 1, 4 and 1
        // sixteenths.
        let weight = weight(DAYS).unwrap();
        assert_eq!((weight * weight).round_dp(20), Decimal::new(375, 3));
    }

    #[test]
    fn confidence_is_that_of_a_two_sided_z() {
        // A gap of 1.96 deviations: σ = 1 %, √(Σ w²) = 0.6124.
        let gap = Decimal::new(196, 2) * weight(DAYS).unwrap();
        let confidence = confidence(gap, Decimal::new(1, 2), DAYS).unwrap();
        assert_eq!(confidence.round(), Decimal::from(95));
        assert_eq!(
            super::confidence(-gap, Decimal::new(1, 2), DAYS),
            Some(confidence)
        );
    }

    #[test]
    fn the_profit_is_that_of_the_line_through_the_averages() {
        // A gap of 3 % over 2 days is 3 % a day, for 2 days, half sure.
        let profit = expected_profit(Decimal::from(3), Decimal::from(50), DAYS);
        assert_eq!(profit, Some(Decimal::from(3)));
    }
}
