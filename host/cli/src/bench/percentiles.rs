//! Durations, summed up.
//!
//! Owns: percentiles and ratios of medians. Must not know: of what.

use std::time::Duration;

use lombard_model::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value as Json, json};

/// Durations at the middle and near the end, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Percentiles {
    p50: u64,
    p99: u64,
}

impl Percentiles {
    pub(crate) fn of(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        let at = |percent: usize| {
            let index = (took.len() * percent / 100).min(took.len().saturating_sub(1));
            let nanos = took.get(index).map_or(0, Duration::as_nanos);
            u64::try_from(nanos).unwrap_or(u64::MAX)
        };
        Self {
            p50: at(50),
            p99: at(99),
        }
    }

    /// The median, in microseconds.
    pub(crate) fn p50(self) -> Decimal {
        micros(self.p50)
    }

    /// What 99 of 100 stay within, in microseconds.
    pub(crate) fn p99(self) -> Decimal {
        micros(self.p99)
    }

    /// This median over that one.
    pub(crate) fn over(self, other: Self) -> Decimal {
        (Decimal::from(self.p50) / Decimal::from(other.p50.max(1))).round_dp(3)
    }

    pub(crate) fn json(self) -> Json {
        json!({ "p50": number(self.p50()), "p99": number(self.p99()) })
    }
}

fn micros(nanos: u64) -> Decimal {
    (Decimal::from(nanos) / Decimal::ONE_THOUSAND).round_dp(3)
}

/// A figure as a JSON number: it is a measurement, not money.
pub(crate) fn number(figure: Decimal) -> Json {
    figure.to_f64().map_or(Json::Null, Json::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_end_are_of_the_sorted_durations() {
        let took = (1..=200).rev().map(Duration::from_micros).collect();
        let percentiles = Percentiles::of(took);
        assert_eq!(percentiles.p50(), Decimal::from(101));
        assert_eq!(percentiles.p99(), Decimal::from(199));
        let half = Percentiles::of(vec![Duration::from_nanos(50_500)]);
        assert_eq!(percentiles.over(half), Decimal::TWO);
    }

    #[test]
    fn nothing_takes_no_time() {
        assert_eq!(Percentiles::of(Vec::new()).p99(), Decimal::ZERO);
    }
}
