//! How soon after its deadline an attack was stopped.
//!
//! Owns: how often each is tried, and what is told of many tries. Where somebody
//! asks for many it is held to two ticks; a single try on a busy machine says
//! nothing. Must not know: the attacks.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a call may go on for after its deadline: two ticks of the epoch.
const ALLOWED: Duration = Duration::from_millis(2);

/// So many tries say something.
const MANY: usize = 20;

/// How often each attack is tried.
pub(super) fn times() -> usize {
    std::env::var("LOMBARD_ATTACKS").map_or(2, |times| times.parse().expect("a number of tries"))
}

/// By attack, what each try took longer than its deadline.
#[derive(Default)]
pub(super) struct Late<'n>(BTreeMap<&'n str, Vec<Duration>>);

impl<'n> Late<'n> {
    pub(super) fn add(&mut self, name: &'n str, late: Duration) {
        self.0.entry(name).or_default().push(late);
    }

    /// Prints what it comes to, and fails where more than the worst in a hundred
    /// is above what is allowed.
    #[expect(clippy::print_stdout, reason = "it is what a bench is for")]
    pub(super) fn tell(self) {
        if times() < MANY {
            return;
        }
        let mut over = Vec::new();
        let (late, in_time): (Vec<_>, Vec<_>) =
            (self.0.into_iter()).partition(|(_, late)| late.iter().any(|late| !late.is_zero()));
        println!("{} attacks were stopped before it each time", in_time.len());
        for (name, mut late) in late {
            late.sort_unstable();
            let at = |percent: usize| late[(late.len() - 1) * percent / 100];
            let (p50, p99, worst) = (at(50), at(99), at(100));
            println!(
                "{name}: p50 {p50:.2?} after its deadline, p99 {p99:.2?}, at most {worst:.2?}"
            );
            if p99 > ALLOWED {
                over.push(name);
            }
        }
        assert!(over.is_empty(), "later than {ALLOWED:?}: {over:?}");
    }
}
