//! The last calls, looked at.
//!
//! Owns: which were the slowest, and which plugins cost most. Must not know:
//! how many are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use lombard_model::{CallOutcome, CallRecord};
use maud::{Markup, html};

use super::super::draw::{count, micros, time, words};
use super::super::grid;

/// Rows of each table.
const TOP: usize = 10;

/// The slowest calls, the slowest first.
pub(super) fn slowest(recent: &[Arc<CallRecord>]) -> Markup {
    let mut calls: Vec<_> = recent.iter().collect();
    calls.sort_by_key(|call| std::cmp::Reverse(call.cost.wall_us));
    let rows: Vec<_> = calls
        .iter()
        .take(TOP)
        .map(|call| {
            vec![
                html! { (words(call.plugin.as_str())) },
                html! { (call.function) " " (call.id) },
                time(call.began_at),
                micros(call.cost.wall_us),
                micros(call.cost.cpu_us),
                micros(call.cost.wait_us),
                html! { (call.outcome.as_str()) },
            ]
        })
        .collect();
    let headings = [
        ("Plugin", false),
        ("Call", false),
        ("Began", false),
        ("Took", true),
        ("Computing", true),
        ("Waiting", true),
        ("Outcome", false),
    ];
    grid::table(
        "Slowest of the last calls",
        &headings,
        &rows,
        "There was no call yet.",
    )
}

/// What the calls of one plugin come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    wall_us: u64,
    calls: u64,
    failures: u64,
    sessions: u64,
    statements: u64,
}

/// The plugins that took most time, those first.
pub(super) fn by_plugin(recent: &[Arc<CallRecord>]) -> Markup {
    let rows: Vec<_> = sums(recent)
        .iter()
        .take(TOP)
        .map(|(plugin, sum)| {
            vec![
                html! { (words(plugin)) },
                count(sum.calls),
                count(sum.failures),
                count(sum.sessions),
                count(sum.statements),
                micros(sum.wall_us),
            ]
        })
        .collect();
    let headings = [
        ("Plugin", false),
        ("Calls", true),
        ("Failures", true),
        ("Sessions", true),
        ("Statements", true),
        ("Time", true),
    ];
    grid::table(
        "Plugins of the last calls",
        &headings,
        &rows,
        "There was no call yet.",
    )
}

fn sums(recent: &[Arc<CallRecord>]) -> Vec<(&str, Sum)> {
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for call in recent {
        let sum = sums.entry(call.plugin.as_str()).or_default();
        sum.wall_us = sum.wall_us.saturating_add(call.cost.wall_us);
        sum.calls += 1;
        sum.failures += u64::from(call.outcome != CallOutcome::Ok);
        sum.sessions += u64::from(call.cost.sessions);
        sum.statements += u64::from(call.cost.statements);
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.wall_us));
    sums
}

#[cfg(test)]
mod tests {
    use lombard_model::{CallCost, CallId, LookUps, RunId, Timestamp};

    use super::*;

    fn call(plugin: &str, wall_us: u64, outcome: CallOutcome) -> Arc<CallRecord> {
        Arc::new(CallRecord {
            run: RunId::new(1, Timestamp::from_micros(0)),
            id: CallId(1),
            plugin: plugin.parse().unwrap(),
            version: "0.1.0".into(),
            digest: None,
            function: "render",
            began_at: Timestamp::from_micros(0),
            outcome,
            error: None,
            limit: None,
            cost: CallCost {
                wall_us,
                ..CallCost::default()
            },
            look_ups: LookUps::default(),
        })
    }

    #[test]
    fn who_took_most_stands_first() {
        let calls = [
            call("a", 10, CallOutcome::Ok),
            call("b", 15, CallOutcome::Trap),
            call("a", 10, CallOutcome::Ok),
        ];
        let sums = sums(&calls);
        assert_eq!((sums[0].0, sums[0].1.wall_us), ("a", 20));
        assert_eq!(sums[1].1.failures, 1);
        let slowest = slowest(&calls).into_string();
        assert!(slowest.find(">b<") < slowest.find(">a<"), "{slowest}");
    }
}
