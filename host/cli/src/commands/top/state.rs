//! What is seen of a host at one time.
//!
//! Owns: what is asked for, and adding up calls by plugin. Must not know: how
//! it looks.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use lombard_model::{CallCost, CallOutcome};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::commands::cache::Caches;
use crate::commands::session::Sessions;

/// What is seen of a host at one time.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct State {
    /// Where the host is.
    pub(super) host: String,
    /// By what they cost in the newest calls.
    pub(super) plugins: Vec<Plugin>,
    /// How many calls these are.
    pub(super) calls: u64,
    #[serde(flatten)]
    pub(super) sessions: Sessions,
    pub(super) pool: Pool,
    pub(super) caches: Caches,
}

/// What a plugin's calls have cost.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Plugin {
    pub(super) plugin: String,
    pub(super) calls: u64,
    /// Of them, those that did not end well.
    pub(super) failures: u64,
    pub(super) statements: u64,
    pub(super) rows: u64,
    pub(super) wall_us: u64,
    pub(super) cpu_us: u64,
    /// The longest call.
    pub(super) longest_us: u64,
    pub(super) memory_peak_bytes: u64,
}

/// How the connections are used.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Pool {
    pub(super) live_sessions: u64,
    pub(super) size: u64,
    pub(super) idle: u64,
    pub(super) max: u64,
    pub(super) sessions_opened: u64,
    pub(super) data_version: u64,
}

/// What the plugins are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    #[default]
    Wall,
    Cpu,
    Statements,
    Calls,
    Memory,
}

/// The record of one call, as far as it is looked at.
#[derive(Deserialize)]
struct Call {
    plugin: String,
    outcome: CallOutcome,
    cost: CallCost,
}

#[derive(Deserialize)]
struct Calls {
    calls: Vec<Call>,
}

impl State {
    /// Looks at a host.
    pub(super) async fn of(client: &Client) -> anyhow::Result<Self> {
        let calls: Calls = client.get("/calls?limit=1000").await?;
        Ok(Self {
            host: client.address().to_string(),
            calls: u64::try_from(calls.calls.len()).unwrap_or(u64::MAX),
            plugins: added_up(calls.calls),
            sessions: client.get("/sessions").await?,
            pool: client.get("/pool").await?,
            caches: client.get("/caches").await?,
        })
    }

    /// Puts those plugins first that have most of it.
    pub(super) fn sort(&mut self, order: Order) {
        let most = |one: &Plugin| match order {
            Order::Wall => one.wall_us,
            Order::Cpu => one.cpu_us,
            Order::Statements => one.statements,
            Order::Calls => one.calls,
            Order::Memory => one.memory_peak_bytes,
        };
        let key = |one: &Plugin| (Reverse(most(one)), one.plugin.clone());
        self.plugins.sort_by_cached_key(key);
    }
}

impl Order {
    /// The one that follows.
    pub(super) fn next(self) -> Self {
        match self {
            Self::Wall => Self::Cpu,
            Self::Cpu => Self::Statements,
            Self::Statements => Self::Calls,
            Self::Calls => Self::Memory,
            Self::Memory => Self::Wall,
        }
    }

    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Wall => "time",
            Self::Cpu => "computing",
            Self::Statements => "statements",
            Self::Calls => "calls",
            Self::Memory => "memory",
        }
    }
}

fn added_up(calls: Vec<Call>) -> Vec<Plugin> {
    let mut plugins = BTreeMap::<String, Plugin>::new();
    for call in calls {
        let one = plugins.entry(call.plugin).or_default();
        let (cost, add) = (call.cost, |to: &mut u64, more: u64| {
            *to = to.saturating_add(more);
        });
        add(&mut one.calls, 1);
        add(
            &mut one.failures,
            u64::from(call.outcome != CallOutcome::Ok),
        );
        add(&mut one.statements, cost.statements.into());
        add(&mut one.rows, cost.rows);
        add(&mut one.wall_us, cost.wall_us);
        add(&mut one.cpu_us, cost.cpu_us);
        one.longest_us = one.longest_us.max(cost.wall_us);
        one.memory_peak_bytes = one.memory_peak_bytes.max(cost.memory_peak_bytes);
    }
    let named = plugins.into_iter();
    named
        .map(|(plugin, one)| Plugin { plugin, ..one })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(plugin: &str, outcome: CallOutcome, wall_us: u64, statements: u32) -> Call {
        let cost = CallCost {
            wall_us,
            statements,
            ..CallCost::default()
        };
        Call {
            plugin: plugin.to_owned(),
            outcome,
            cost,
        }
    }

    #[test]
    fn calls_are_added_up_and_the_dearest_come_first() {
        let calls = vec![
            call("a", CallOutcome::Ok, 5, 3),
            call("b", CallOutcome::Ok, 20, 1),
            call("a", CallOutcome::Trap, 7, u32::MAX),
            call("c", CallOutcome::Ok, u64::MAX, 0),
            call("c", CallOutcome::Ok, u64::MAX, 0),
        ];
        let mut state = State {
            plugins: added_up(calls),
            ..State::default()
        };
        let names = |state: &State| {
            let names = state.plugins.iter().map(|one| one.plugin.clone());
            names.collect::<Vec<_>>()
        };
        let order = Order::default();
        state.sort(order);
        assert_eq!(names(&state), ["c", "b", "a"]);
        state.sort(order.next().next());
        assert_eq!(names(&state), ["a", "b", "c"]);
        let a = &state.plugins[0];
        assert_eq!((a.calls, a.failures, a.longest_us), (2, 1, 7));
        assert_eq!(a.statements, u64::from(u32::MAX) + 3);
    }

    #[test]
    fn the_orders_go_round() {
        let mut order = Order::default();
        for _ in 0..5 {
            order = order.next();
        }
        assert_eq!(order, Order::default());
    }
}
