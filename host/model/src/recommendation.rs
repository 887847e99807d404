//! What an expert answers, and what the host accepts of it.
//!
//! Owns: the words of a recommendation and its checks. Must not know: how it
//! was made or where it is stored.

use std::collections::BTreeSet;

use crate::named::named_enum;
use crate::{Decimal, Symbol};

named_enum! {
    /// What to do.
    "action": Action {
        /// Buy, or hold more.
        Buy = "buy",
        /// Sell, or go short.
        Sell = "sell",
        /// Leave it as it is.
        Hold = "hold",
    }
}

named_enum! {
    /// How much can go wrong.
    "risk level": RiskLevel {
        /// Less than usual for the market.
        Low = "low",
        /// As usual.
        Medium = "medium",
        /// More than usual.
        High = "high",
    }
}

named_enum! {
    /// How long it should take.
    "time horizon": TimeHorizon {
        /// Days to weeks.
        ShortTerm = "short_term",
        /// Weeks to months.
        MediumTerm = "medium_term",
        /// Months to years.
        LongTerm = "long_term",
    }
}

named_enum! {
    /// What recommendations are asked for.
    "use case": UseCase {
        /// Looking for what to buy or sell.
        EnterMarket = "enter_market",
        /// Looking after what is held.
        OpenPositions = "open_positions",
    }
}

/// What an expert thinks of one symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// What it is about.
    pub symbol: Symbol,
    /// What to do.
    pub action: Action,
    /// How sure the expert is, 0 to 100.
    pub confidence: Decimal,
    /// How much can go wrong.
    pub risk: RiskLevel,
    /// How long it should take.
    pub horizon: TimeHorizon,
    /// The profit to expect over the horizon, in percent of the price.
    pub expected_profit_percent: Decimal,
    /// Why, in words for a person.
    pub explanation: String,
}

/// Why the host refuses an expert's answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecommendationError {
    /// It is about a symbol that nobody asked for.
    #[error("recommends {0}, which it was not asked about")]
    NotAsked(Symbol),
    /// There are two about the same symbol.
    #[error("recommends {0} twice")]
    Twice(Symbol),
    /// The confidence is not a percentage.
    #[error("a confidence of {confidence} for {symbol} is outside 0 to 100")]
    Confidence {
        /// What it is about.
        symbol: Symbol,
        /// What was claimed.
        confidence: Decimal,
    },
    /// The profit is not one that can be meant.
    #[error("an expected profit of {percent} % for {symbol} is outside -100 to 10000")]
    ExpectedProfit {
        /// What it is about.
        symbol: Symbol,
        /// What was claimed.
        percent: Decimal,
    },
    /// The explanation is missing.
    #[error("the explanation for {0} is blank")]
    Unexplained(Symbol),
    /// The explanation is too long.
    #[error("the explanation for {symbol} has {bytes} bytes, more than {max}", max = Recommendation::MAX_EXPLANATION)]
    TooLong {
        /// What it is about.
        symbol: Symbol,
        /// How long it is.
        bytes: usize,
    },
}

impl Recommendation {
    /// The longest explanation, in bytes.
    pub const MAX_EXPLANATION: usize = 16 * 1024;

    fn check(&self) -> Result<(), RecommendationError> {
        let symbol = || self.symbol.clone();
        if self.confidence < Decimal::ZERO || self.confidence > Decimal::ONE_HUNDRED {
            return Err(RecommendationError::Confidence {
                symbol: symbol(),
                confidence: self.confidence,
            });
        }
        let percent = self.expected_profit_percent;
        if percent < -Decimal::ONE_HUNDRED || percent > Decimal::from(10_000) {
            return Err(RecommendationError::ExpectedProfit {
                symbol: symbol(),
                percent,
            });
        }
        if self.explanation.trim().is_empty() {
            return Err(RecommendationError::Unexplained(symbol()));
        }
        if self.explanation.len() > Self::MAX_EXPLANATION {
            return Err(RecommendationError::TooLong {
                symbol: symbol(),
                bytes: self.explanation.len(),
            });
        }
        Ok(())
    }
}

/// Checks an expert's whole answer to a request for `asked`.
///
/// # Errors
/// The first fault found; one bad recommendation refuses the answer, since an
/// expert that is wrong about its own output is not one to trade on.
pub fn check_recommendations(
    asked: &[Symbol],
    answer: &[Recommendation],
) -> Result<(), RecommendationError> {
    let asked: BTreeSet<_> = asked.iter().collect();
    let mut seen = BTreeSet::new();
    for recommendation in answer {
        let symbol = &recommendation.symbol;
        if !asked.contains(symbol) {
            return Err(RecommendationError::NotAsked(symbol.clone()));
        }
        if !seen.insert(symbol) {
            return Err(RecommendationError::Twice(symbol.clone()));
        }
        recommendation.check()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(text: &str) -> Symbol {
        Symbol::new(text).unwrap()
    }

    fn good() -> Recommendation {
        Recommendation {
            symbol: symbol("AAPL"),
            action: Action::Buy,
            confidence: Decimal::from(70),
            risk: RiskLevel::Medium,
            horizon: TimeHorizon::MediumTerm,
            expected_profit_percent: Decimal::from(5),
            explanation: "above its average".into(),
        }
    }

    fn refused(change: impl FnOnce(&mut Recommendation)) -> String {
        let mut recommendation = good();
        change(&mut recommendation);
        check_recommendations(&[symbol("AAPL")], &[recommendation])
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_sound_answer_is_accepted() {
        assert_eq!(check_recommendations(&[symbol("AAPL")], &[good()]), Ok(()));
        assert_eq!(check_recommendations(&[symbol("AAPL")], &[]), Ok(()));
    }

    #[test]
    fn each_fault_is_named() {
        assert!(refused(|r| r.symbol = symbol("MSFT")).contains("not asked about"));
        assert!(refused(|r| r.confidence = Decimal::from(101)).contains("outside 0 to 100"));
        assert!(refused(|r| r.confidence = Decimal::from(-1)).contains("outside 0 to 100"));
        assert!(refused(|r| r.expected_profit_percent = Decimal::from(-101)).contains("-101 %"));
        assert!(refused(|r| r.explanation = " \n".into()).contains("blank"));
        assert!(refused(|r| r.explanation = "x".repeat(16_385)).contains("16385 bytes"));
        let twice = check_recommendations(&[symbol("AAPL")], &[good(), good()]);
        assert_eq!(twice, Err(RecommendationError::Twice(symbol("AAPL"))));
    }
}
