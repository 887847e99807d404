//! Recommends against moves that have gone too far.
//!
//! Owns: reading settings and bars, and the words of the recommendation. Must
//! not know: the rule and its numbers; they are in `reversion`.

mod reversion;
mod rsi;

use lombard_sdk::prelude::*;
use lombard_sdk::{SettingsError, stats, time};
use reversion::{Reversion, Rule};

lombard_sdk::settings! {
    /// What the rule goes by.
    struct Asked {
        /// Trading days of the index; Wilder used 14
        rsi_days: i64 = 14 [2..=100];
        /// At or below this index a symbol has fallen too far
        oversold: Decimal = "30" ["1"..="49"];
        /// At or above this index a symbol has risen too far
        overbought: Decimal = "70" ["51"..="99"];
        /// Trading days that a move back is given
        holding_days: i64 = 10 [1..=60];
        /// Trading days to look back for what came of earlier signals
        history_days: i64 = 750 [100..=5000];
    }
}

struct RsiMeanReversion;

impl Expert for RsiMeanReversion {
    fn analyze(session: &Session, request: &AnalysisRequest) -> Result<Vec<Recommendation>, Error> {
        let asked = Asked::read()?;
        let rule = rule(&asked)?;
        let history = count("history_days", asked.history_days)?.max(rule.needed());
        let wanted = u32::try_from(history).map_err(|error| Error::other(error.to_string()))?;
        let until = session.as_of();
        let mut recommendations = Vec::new();
        for symbol in &request.symbols {
            let bars = session.bars(symbol, until, wanted)?;
            match Reversion::of(&bars, &rule) {
                Some(reversion) => recommendations.push(recommendation(symbol, &rule, &reversion)),
                None => log::info!(
                    "{symbol}: {} usable daily bars, {} are needed, nothing to say",
                    bars.len(),
                    rule.needed()
                ),
            }
        }
        Ok(recommendations)
    }
}

fn rule(asked: &Asked) -> Result<Rule, Error> {
    Ok(Rule {
        rsi_days: count("rsi_days", asked.rsi_days)?,
        holding_days: count("holding_days", asked.holding_days)?,
        oversold: asked.oversold,
        overbought: asked.overbought,
    })
}

fn count(key: &str, days: i64) -> Result<usize, Error> {
    let fault = |_| SettingsError::Invalid(format!("`{key}` can't be a number of days"));
    Ok(usize::try_from(days).map_err(fault)?)
}

fn recommendation(symbol: &Symbol, rule: &Rule, reversion: &Reversion) -> Recommendation {
    Recommendation {
        symbol: symbol.clone(),
        action: reversion.action,
        confidence: reversion.confidence,
        risk: stats::risk_of(reversion.volatility),
        horizon: rule.horizon(),
        expected_profit_percent: reversion.expected_profit,
        explanation: explanation(symbol, rule, reversion),
    }
}

fn explanation(symbol: &Symbol, rule: &Rule, reversion: &Reversion) -> String {
    let verdict = match reversion.action {
        Action::Buy => "fallen too far",
        Action::Sell => "risen too far",
        Action::Hold => "neither risen nor fallen too far",
    };
    let past = match reversion.action {
        Action::Hold => String::new(),
        _ => format!(
            " Since {} there were {} such signals before this one, {} of them right after {} \
             trading days.",
            time::day(reversion.since),
            reversion.signals,
            reversion.wins,
            rule.holding_days
        ),
    };
    format!(
        "On {day} {symbol} closed at {close}, and its {days}-day relative strength index is {rsi}: \
         it has {verdict} (rule: buy at or below {oversold}, sell at or above {overbought}, else \
         hold).{past} Volatility is {volatility} % a year.",
        day = time::day(reversion.day),
        close = reversion.close.normalize(),
        days = rule.rsi_days,
        rsi = reversion.rsi.round_dp(1),
        oversold = rule.oversold.normalize(),
        overbought = rule.overbought.normalize(),
        volatility = reversion.volatility.round_dp(1),
    )
}

lombard_sdk::expert!(RsiMeanReversion);
