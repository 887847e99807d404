//! One kind of host call, as often as the settings say.
//!
//! Owns: nothing but the loop, beside the SDK where that would save the call; it
//! is measured, and shown by nobody.
//! Must not know: what a call costs.

use std::hint::black_box;

use lombard_sdk::bindings::widget::lombard::platform::settings as host_settings;
use lombard_sdk::prelude::*;

struct BareCalls;

impl Expert for BareCalls {
    fn analyze(session: &Session, _: &AnalysisRequest) -> Result<Vec<Recommendation>, Error> {
        let (call, times) = (settings::str("call")?, settings::int("times")?);
        for _ in 0..times {
            match call.as_str() {
                "as-of" => drop(black_box(session.as_of())),
                "number" => drop(black_box(host_settings::get("times")?)),
                "setting" => drop(black_box(host_settings::get("call")?)),
                "account" => drop(black_box(session.raw().account(1)?)),
                "remembered" => drop(black_box(settings::str("call")?)),
                _ => break,
            }
        }
        Ok(Vec::new())
    }
}

lombard_sdk::expert!(BareCalls);
