//! Recommends where a fast moving average has crossed a slow one.
//!
//! Owns: reading settings and bars, and the words of the recommendation. Must
//! not know: the rule and its numbers; they are in `cross`.

mod cross;

use cross::{Cross, Days};
use lombard_sdk::prelude::*;
use lombard_sdk::{SettingsError, stats, time};

lombard_sdk::settings! {
    /// What the rule goes by.
    struct Rule {
        /// Trading days of the fast average; fewer than those of the slow one
        fast_days: i64 = 20 [2..=250];
        /// Trading days of the slow average
        slow_days: i64 = 50 [3..=500];
        /// For how many trading days a cross counts as new
        fresh_days: i64 = 5 [1..=60];
    }
}

struct MovingAverageCross;

impl Expert for MovingAverageCross {
    fn analyze(session: &Session, request: &AnalysisRequest) -> Result<Vec<Recommendation>, Error> {
        let days = days()?;
        let until = session.as_of();
        let needed =
            u32::try_from(days.needed()).map_err(|error| Error::other(error.to_string()))?;
        let mut recommendations = Vec::new();
        for symbol in &request.symbols {
            let bars = session.bars(symbol, until, needed)?;
            match Cross::of(&bars, days) {
                Some(cross) => recommendations.push(recommendation(symbol, days, &cross)),
                None => log::info!(
                    "{symbol}: {} of {needed} usable daily bars, nothing to say",
                    bars.len()
                ),
            }
        }
        Ok(recommendations)
    }
}

fn days() -> Result<Days, Error> {
    let rule = Rule::read()?;
    let days = Days {
        fast: count("fast_days", rule.fast_days)?,
        slow: count("slow_days", rule.slow_days)?,
        fresh: count("fresh_days", rule.fresh_days)?,
    };
    if days.fast >= days.slow {
        let fault = format!(
            "`fast_days` ({}) must be below `slow_days` ({})",
            days.fast, days.slow
        );
        return Err(SettingsError::Invalid(fault).into());
    }
    Ok(days)
}

fn count(key: &str, days: i64) -> Result<usize, Error> {
    let fault = |_| SettingsError::Invalid(format!("`{key}` can't be a number of days"));
    Ok(usize::try_from(days).map_err(fault)?)
}

fn recommendation(symbol: &Symbol, days: Days, cross: &Cross) -> Recommendation {
    Recommendation {
        symbol: symbol.clone(),
        action: cross.action,
        confidence: cross.confidence,
        risk: stats::risk_of(cross.volatility),
        horizon: days.horizon(),
        expected_profit_percent: cross.expected_profit,
        explanation: explanation(symbol, days, cross),
    }
}

fn explanation(symbol: &Symbol, days: Days, cross: &Cross) -> String {
    let relation = if cross.gap >= Decimal::ZERO {
        "above"
    } else {
        "below"
    };
    let since = match cross.crossed {
        Some(crossed) => format!("It crossed on {}, which is new", time::day(crossed)),
        None => format!("It has not crossed for {} trading days", days.fresh),
    };
    format!(
        "On {day} {symbol} closed at {close}. The {fast}-day average {fast_average} is {relation} \
         the {slow}-day average {slow_average} by {gap} %. {since} (rule: a cross within {fresh} \
         trading days is a signal, up to buy and down to sell; else hold). Were there no trend, \
         {confidence} % of such gaps would be smaller. Volatility is {volatility} % a year.",
        day = time::day(cross.day),
        close = cross.close.normalize(),
        fast = days.fast,
        slow = days.slow,
        fresh = days.fresh,
        fast_average = cross.fast.round_dp(2),
        slow_average = cross.slow.round_dp(2),
        gap = cross.gap.abs().round_dp(2),
        confidence = cross.confidence.round_dp(1),
        volatility = cross.volatility.round_dp(1),
    )
}

lombard_sdk::expert!(MovingAverageCross);
