//! What an overdone move is worth.
//!
//! Owns: the rule, and how earlier signals on the same symbol came out. Must
//! not know: where bars come from.

use lombard_sdk::prelude::*;
use lombard_sdk::stats;

use crate::rsi::rsi;

/// Trading days whose volatility counts as today's: about a quarter.
const VOLATILITY_DAYS: usize = 63;

/// How many times its length the smoothed index needs until what was before the
/// first bar no longer shows: `(13/14)^(5 × 14)` is below 1 %.
const WARM_UP: usize = 5;

/// When to buy, when to sell, and how long it may take.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// Length of the index.
    pub(crate) rsi_days: usize,
    /// How long a move back is given.
    pub(crate) holding_days: usize,
    /// Buy at or below.
    pub(crate) oversold: Decimal,
    /// Sell at or above.
    pub(crate) overbought: Decimal,
}

impl Rule {
    /// How many bars an index that can be trusted needs.
    pub(crate) const fn needed(&self) -> usize {
        self.rsi_days * (WARM_UP + 1) + 1
    }

    /// As long as a move back is given.
    pub(crate) const fn horizon(&self) -> TimeHorizon {
        match self.holding_days {
            0..=21 => TimeHorizon::ShortTerm,
            _ => TimeHorizon::MediumTerm,
        }
    }

    fn action(&self, index: Decimal) -> Action {
        if index <= self.oversold {
            Action::Buy
        } else if index >= self.overbought {
            Action::Sell
        } else {
            Action::Hold
        }
    }
}

/// Where the index stands on the last day, and what that was worth before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reversion {
    /// The first day that was looked at.
    pub(crate) since: Timestamp,
    /// The last day.
    pub(crate) day: Timestamp,
    /// Its close.
    pub(crate) close: Decimal,
    /// Its index.
    pub(crate) rsi: Decimal,
    /// What the rule says.
    pub(crate) action: Action,
    /// Earlier signals of the same action whose outcome is known.
    pub(crate) signals: usize,
    /// Those of them that gained.
    pub(crate) wins: usize,
    /// For buy and sell the chance of a gain by Laplace's rule of succession,
    /// `(wins + 1) / (signals + 2)`: 50 % without experience, and never certain.
    /// For hold, how far the index is from the nearer threshold, 100 % in the
    /// middle between them.
    pub(crate) confidence: Decimal,
    /// The mean outcome of the earlier signals in percent; 0 without any.
    pub(crate) expected_profit: Decimal,
    /// In percent a year.
    pub(crate) volatility: Decimal,
}

impl Reversion {
    /// Reads bars, oldest first; none where there are too few, or prices that
    /// are none.
    pub(crate) fn of(bars: &[Bar], rule: &Rule) -> Option<Self> {
        if bars.len() < rule.needed() {
            return None;
        }
        let closes: Vec<_> = bars.iter().map(|bar| bar.close).collect();
        let recent = &closes[closes.len().saturating_sub(VOLATILITY_DAYS + 1)..];
        let volatility = stats::annual_volatility(recent)?;
        let indices = rsi(&closes, rule.rsi_days)?;
        let index = *indices.last()?;
        let action = rule.action(index);
        let outcomes = outcomes(&closes, &indices, rule, action)?;
        let wins = outcomes
            .iter()
            .filter(|gain| **gain > Decimal::ZERO)
            .count();
        Some(Self {
            since: bars.first()?.day,
            day: bars.last()?.day,
            close: *closes.last()?,
            rsi: index,
            action,
            signals: outcomes.len(),
            wins,
            confidence: match action {
                Action::Hold => from_thresholds(index, rule)?,
                _ => succession(wins, outcomes.len())?,
            },
            expected_profit: expected(&outcomes)?,
            volatility,
        })
    }
}

/// What each earlier signal gained after the holding days, in percent. A signal
/// is the first day of a run of days with the same action; the run that has not
/// ended is the signal of today and no experience yet.
fn outcomes(
    closes: &[Decimal],
    indices: &[Decimal],
    rule: &Rule,
    action: Action,
) -> Option<Vec<Decimal>> {
    let mut outcomes = Vec::new();
    if action == Action::Hold {
        return Some(outcomes);
    }
    let warm = rule.rsi_days * WARM_UP;
    let actions: Vec<_> = indices.iter().map(|index| rule.action(*index)).collect();
    let ended = actions
        .iter()
        .rposition(|other| *other != action)
        .unwrap_or(0);
    for at in warm.max(1)..ended {
        let bought = at + rule.rsi_days;
        let Some(sold) = closes.get(bought + rule.holding_days) else {
            break;
        };
        if actions[at] == action && actions[at - 1] != action {
            outcomes.push(gain(closes[bought], *sold, action)?);
        }
    }
    Some(outcomes)
}

/// The gain of a trade in percent of its entry.
fn gain(entry: Decimal, exit: Decimal, action: Action) -> Option<Decimal> {
    if entry <= Decimal::ZERO {
        return None;
    }
    let change = exit
        .checked_sub(entry)?
        .checked_mul(Decimal::ONE_HUNDRED)?
        .checked_div(entry)?;
    Some(if action == Action::Sell {
        -change
    } else {
        change
    })
}

fn succession(wins: usize, signals: usize) -> Option<Decimal> {
    let hundredfold = Decimal::from(wins + 1).checked_mul(Decimal::ONE_HUNDRED)?;
    hundredfold.checked_div(Decimal::from(signals + 2))
}

fn from_thresholds(index: Decimal, rule: &Rule) -> Option<Decimal> {
    let half = (rule.overbought - rule.oversold).checked_div(Decimal::TWO)?;
    let nearer = (index - rule.oversold).min(rule.overbought - index);
    let share = nearer
        .checked_mul(Decimal::ONE_HUNDRED)?
        .checked_div(half)?;
    Some(share.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED))
}

/// Within what a recommendation can say.
fn expected(outcomes: &[Decimal]) -> Option<Decimal> {
    if outcomes.is_empty() {
        return Some(Decimal::ZERO);
    }
    let mean = stats::mean(outcomes)?;
    Some(mean.clamp(-Decimal::ONE_HUNDRED, Decimal::from(10_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> Rule {
        Rule {
            rsi_days: 2,
            holding_days: 2,
            oversold: Decimal::from(30),
            overbought: Decimal::from(70),
        }
    }

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

    /// Up and down by one, which leaves the index near the middle.
    const CALM: [i64; 14] = [
        100, 101, 100, 101, 100, 101, 100, 101, 100, 101, 100, 101, 100, 101,
    ];

    fn after_calm(closes: &[i64]) -> Reversion {
        let all: Vec<_> = CALM.iter().chain(closes).copied().collect();
        Reversion::of(&bars(&all), &rule()).unwrap()
    }

    #[test]
    fn a_fall_is_bought_and_a_rise_is_sold() {
        assert_eq!(after_calm(&[95, 90, 85]).action, Action::Buy);
        assert_eq!(after_calm(&[105, 110, 115]).action, Action::Sell);
        assert_eq!(after_calm(&[]).action, Action::Hold);
    }

    #[test]
    fn without_experience_a_signal_is_as_good_as_a_coin() {
        let first = after_calm(&[95, 90, 85]);
        assert_eq!((first.signals, first.wins), (0, 0));
        assert_eq!(first.confidence, Decimal::from(50));
        assert_eq!(first.expected_profit, Decimal::ZERO);
    }

    #[test]
    fn earlier_signals_count_once_a_run_with_their_outcome() {
        // The run of falls begins at 90; two days later the price is 99.
        let second = after_calm(&[90, 80, 99, 110, 100, 101, 100, 80, 60]);
        assert_eq!(second.action, Action::Buy);
        assert_eq!((second.signals, second.wins), (1, 1));
        // (1 + 1) / (1 + 2), and 9 of 90.
        assert_eq!(second.confidence.round_dp(2).to_string(), "66.67");
        assert_eq!(second.expected_profit, Decimal::TEN);
    }

    #[test]
    fn what_falls_gains_a_seller() {
        let (hundred, ninety) = (Decimal::ONE_HUNDRED, Decimal::from(90));
        assert_eq!(gain(hundred, ninety, Action::Sell), Some(Decimal::TEN));
        assert_eq!(gain(hundred, ninety, Action::Buy), Some(-Decimal::TEN));
        assert_eq!(gain(Decimal::ZERO, ninety, Action::Buy), None);
    }

    #[test]
    fn a_hold_is_surest_in_the_middle() {
        let confidence = |index| from_thresholds(Decimal::from(index), &rule()).unwrap();
        assert_eq!(confidence(50), Decimal::ONE_HUNDRED);
        assert_eq!(confidence(40), Decimal::from(50));
        assert_eq!(confidence(69), Decimal::from(5));
    }

    #[test]
    fn too_few_bars_or_prices_of_nothing_say_nothing() {
        assert_eq!(rule().needed(), 13);
        assert_eq!(Reversion::of(&bars(&CALM[..12]), &rule()), None);
        assert_eq!(Reversion::of(&bars(&[0; 14]), &rule()), None);
    }
}
