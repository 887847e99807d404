//! What is too much.
//!
//! Owns: what each threshold is compared with, and the advice for a loop.
//! Must not know: how a report looks.

use lombard_model::LookUp;
use lombard_store::Audit;

use crate::arguments::{Measure, Threshold};
use crate::failure::Advised;

/// A threshold with what was found.
pub(super) struct Judged {
    pub(super) threshold: Threshold,
    pub(super) found: u64,
}

impl Judged {
    pub(super) fn is_crossed(&self) -> bool {
        self.found > self.threshold.most
    }
}

/// Compares each threshold with what was found.
pub(super) fn judge(thresholds: &[Threshold], audit: &Audit) -> Vec<Judged> {
    let judged = thresholds.iter().map(|threshold| Judged {
        threshold: *threshold,
        found: found(threshold.measure, audit),
    });
    judged.collect()
}

fn found(measure: Measure, audit: &Audit) -> u64 {
    let sums = &audit.sums;
    match measure {
        Measure::Loops => audit.loops_in_all,
        Measure::Statements => sums.most_statements,
        Measure::SessionsPerSecond => sums.busiest_sessions,
        Measure::Failures => sums.failures,
        // Upwards: what is a little over a threshold is over it.
        Measure::HeldMs => sums.longest_held_us.div_ceil(1_000),
        Measure::WaitMs => sums.longest_wait_us.div_ceil(1_000),
        Measure::NearLimit => audit.near_in_all,
    }
}

/// Fails where a threshold is crossed, and names each that is.
pub(super) fn verdict(thresholds: &[Judged]) -> anyhow::Result<()> {
    let crossed = thresholds.iter().filter(|one| one.is_crossed());
    let crossed: Vec<_> = crossed
        .map(|one| {
            let Threshold { measure, most } = one.threshold;
            format!("{} is {}, more than {most}", measure.as_str(), one.found)
        })
        .collect();
    if crossed.is_empty() {
        return Ok(());
    }
    let fault = match crossed.len() {
        1 => "a threshold is crossed".to_owned(),
        many => format!("{many} thresholds are crossed"),
    };
    let words = format!("{fault}: {}", crossed.join("; "));
    let remedy = "the report names the plugins and calls; `lombard audit --plugin NAME` has one";
    Err(Advised::new(words, remedy).into())
}

/// What to do about a loop over this kind of look-up.
pub(in crate::commands) fn advice(kind: LookUp) -> String {
    match (kind.set_call(), kind) {
        (Some(call), _) => format!("call {call} once"),
        (None, LookUp::AccountSetting) => {
            "call settings::account(key) once, before the loop: it is the call's own account, \
             and the same all through the call"
                .to_owned()
        }
        (None, _) => "look it up once, before the loop".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(most: u64, found: u64) -> Judged {
        Judged {
            threshold: Threshold {
                measure: Measure::HeldMs,
                most,
            },
            found,
        }
    }

    #[test]
    fn every_loop_has_an_advice() {
        for kind in LookUp::ALL {
            assert!(advice(*kind).contains("call "), "{kind}");
        }
        let words = advice(LookUp::AccountSetting);
        assert!(words.contains("settings::account(key) once"), "{words}");
    }

    #[test]
    fn as_much_as_may_be_is_not_too_much() {
        assert!(verdict(&[judged(3, 3), judged(0, 0)]).is_ok());
        assert!(verdict(&[]).is_ok());
        let error = verdict(&[judged(3, 4), judged(9, 9), judged(0, 1)]).unwrap_err();
        let words = error.to_string();
        assert_eq!(
            words,
            "2 thresholds are crossed: held-ms is 4, more than 3; held-ms is 1, more than 0"
        );
    }
}
