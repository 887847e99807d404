//! One kind of host call, as often as the settings say.
//!
//! Owns: nothing but the loop; it is measured, and shown by nobody.
//! Must not know: what a call costs.

use std::hint::black_box;

use lombard_sdk::model::AccountId;
use lombard_sdk::prelude::*;

struct BareCalls;

impl Expert for BareCalls {
    fn analyze(session: &Session, _: &AnalysisRequest) -> Result<Vec<Recommendation>, Error> {
        let (call, times) = (settings::str("call")?, settings::int("times")?);
        let account =
            AccountId::try_from(1_u64).map_err(|error| Error::other(error.to_string()))?;
        for _ in 0..times {
            match call.as_str() {
                "as-of" => drop(black_box(session.as_of())),
                "number" => drop(black_box(settings::int("times")?)),
                "setting" => drop(black_box(settings::str("call")?)),
                "account" => drop(black_box(session.account(account)?)),
                _ => break,
            }
        }
        Ok(Vec::new())
    }
}

lombard_sdk::expert!(BareCalls);
