//! An expert that picks the last of the symbols there are.
//!
//! Owns: the choice. Must not know: what comes of it.

use lombard_sdk::prelude::*;

struct Picks;

impl Expert for Picks {
    fn analyze(_: &Session, request: &AnalysisRequest) -> Result<Vec<Recommendation>, Error> {
        let picked = |symbol: &Symbol| Recommendation {
            symbol: symbol.clone(),
            action: Action::Buy,
            confidence: Decimal::TEN,
            risk: RiskLevel::Low,
            horizon: TimeHorizon::ShortTerm,
            expected_profit_percent: Decimal::ONE,
            explanation: format!("the last of {}", request.symbols.len()),
        };
        Ok(request.symbols.last().map(picked).into_iter().collect())
    }
}

lombard_sdk::expert!(Picks);
