//! An expert that recommends with more confidence than there is.
//!
//! Owns: one misdeed. Must not know: what the host does about it.

use lombard_sdk::prelude::*;

const CONFIDENCE: u32 = 101;

struct Overstates;

impl Expert for Overstates {
    fn analyze(_: &Session, request: &AnalysisRequest) -> Result<Vec<Recommendation>, Error> {
        let overstated = |symbol: &Symbol| Recommendation {
            symbol: symbol.clone(),
            action: Action::Buy,
            confidence: Decimal::from(CONFIDENCE),
            risk: RiskLevel::Low,
            horizon: TimeHorizon::ShortTerm,
            expected_profit_percent: Decimal::ONE,
            explanation: "more than certain".to_owned(),
        };
        Ok(request.symbols.iter().map(overstated).collect())
    }
}

lombard_sdk::expert!(Overstates);
