//! What happened lately, second by second.
//!
//! Owns: a bounded ring of samples in memory, and the task that takes them. No
//! sample touches the database. Must not know: how they are drawn.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lombard_accounts::CacheStats;
use lombard_model::{CallOutcome, PluginName};
use lombard_runtime::Host;
use serde::Serialize;
use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;

/// Samples that are kept: ten minutes of them.
const KEPT: usize = 600;

/// Plugins that are told apart over time.
const PLUGINS: usize = 4;

const EVERY: Duration = Duration::from_secs(1);

/// What happened in one second, and how things stood at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sample {
    /// Its end, in seconds since 1970.
    pub(super) at: u64,
    /// Sessions that took a connection.
    pub(super) sessions: u64,
    /// Connections that were held at its end.
    pub(super) in_use: u64,
    /// Calls that ended.
    pub(super) calls: u64,
    /// Of these, those that did not end well.
    pub(super) failures: u64,
    /// How long these calls waited for connections, in microseconds.
    pub(super) waited_us: u64,
    /// Look-ups that a cache answered.
    pub(super) hits: u64,
    /// Look-ups that none did.
    pub(super) misses: u64,
    /// States and instances that caches let go of, for whatever cause.
    pub(super) evictions: u64,
    /// How long the slowest of these calls took, in microseconds.
    pub(super) slowest_us: u64,
}

/// A sample, and how long the calls of each plugin took in it, in microseconds.
#[derive(Clone, Debug, Default)]
struct Second {
    sample: Sample,
    plugins: BTreeMap<PluginName, u64>,
}

/// Samples by column, as charts take them.
#[derive(Debug, Default, Serialize)]
pub(super) struct Columns {
    at: Vec<u64>,
    sessions: Vec<u64>,
    in_use: Vec<u64>,
    calls: Vec<u64>,
    failures: Vec<u64>,
    waited_us: Vec<u64>,
    hits: Vec<u64>,
    misses: Vec<u64>,
    evictions: Vec<u64>,
    slowest_us: Vec<u64>,
    /// How long the calls of those plugins took that took longest over all
    /// samples, in microseconds.
    plugins: BTreeMap<String, Vec<u64>>,
}

type Ring = Mutex<VecDeque<Second>>;

/// The last samples. They are taken until this is dropped.
#[derive(Debug)]
pub(super) struct Samples {
    ring: Arc<Ring>,
    task: AbortHandle,
}

impl Samples {
    pub(super) fn begin(host: &Arc<Host>) -> Self {
        let ring = Arc::<Ring>::default();
        let task = tokio::spawn(take(Arc::downgrade(host), Arc::clone(&ring)));
        Self {
            ring,
            task: task.abort_handle(),
        }
    }

    /// All of them, the oldest first.
    pub(super) fn columns(&self) -> Columns {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let column = |of: fn(&Sample) -> u64| ring.iter().map(|one| of(&one.sample)).collect();
        Columns {
            at: column(|one| one.at),
            sessions: column(|one| one.sessions),
            in_use: column(|one| one.in_use),
            calls: column(|one| one.calls),
            failures: column(|one| one.failures),
            waited_us: column(|one| one.waited_us),
            hits: column(|one| one.hits),
            misses: column(|one| one.misses),
            evictions: column(|one| one.evictions),
            slowest_us: column(|one| one.slowest_us),
            plugins: by_plugin(&ring),
        }
    }

    /// The newest one, and the sum over the last minute.
    pub(super) fn last_minute(&self) -> (Sample, Sample) {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = ring.back().map(|one| one.sample).unwrap_or_default();
        let minute = ring.iter().rev().take(60).map(|one| &one.sample);
        (newest, minute.fold(newest, add_all(newest)))
    }
}

/// How long the calls of those plugins took that took longest over all.
fn by_plugin(ring: &VecDeque<Second>) -> BTreeMap<String, Vec<u64>> {
    let mut sums = BTreeMap::<&PluginName, u64>::new();
    for (plugin, took) in ring.iter().flat_map(|one| &one.plugins) {
        let sum = sums.entry(plugin).or_default();
        *sum = sum.saturating_add(*took);
    }
    let mut most: Vec<_> = sums.into_iter().collect();
    most.sort_by_key(|(_, took)| Reverse(*took));
    let most = most.into_iter().take(PLUGINS);
    let column = |plugin: &PluginName| {
        let took = ring.iter().map(|one| one.plugins.get(plugin));
        took.map(|took| took.copied().unwrap_or(0)).collect()
    };
    most.map(|(plugin, _)| (plugin.to_string(), column(plugin)))
        .collect()
}

/// Adds a sample to a sum that began with `first`, which is not added twice.
fn add_all(first: Sample) -> impl FnMut(Sample, &Sample) -> Sample {
    move |sum, one| {
        if one.at == first.at {
            return sum;
        }
        Sample {
            sessions: sum.sessions + one.sessions,
            calls: sum.calls + one.calls,
            failures: sum.failures + one.failures,
            waited_us: sum.waited_us.saturating_add(one.waited_us),
            hits: sum.hits + one.hits,
            misses: sum.misses + one.misses,
            evictions: sum.evictions + one.evictions,
            slowest_us: sum.slowest_us.max(one.slowest_us),
            ..sum
        }
    }
}

impl Drop for Samples {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(host: Weak<Host>, ring: Arc<Ring>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut before = None;
    loop {
        ticks.tick().await;
        let Some(host) = host.upgrade() else {
            return;
        };
        let now = Counters::read(&host);
        if let Some(before) = before {
            let second = now.since(&before, &host);
            let mut ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
            keep(&mut ring, second);
        }
        before = Some(now);
    }
}

fn keep(ring: &mut VecDeque<Second>, second: Second) {
    if ring.len() == KEPT {
        ring.pop_front();
    }
    ring.push_back(second);
}

/// What only rises.
struct Counters {
    sessions: u64,
    hits: u64,
    misses: u64,
    evictions: u64,
    calls: u64,
}

impl Counters {
    fn read(host: &Host) -> Self {
        let caches = [
            host.accounts().account_stats(),
            host.accounts().expert_stats(),
        ];
        let sum = |of: fn(&CacheStats) -> u64| caches.iter().map(of).fold(0, u64::saturating_add);
        let bill = host.bill_status();
        Self {
            sessions: host.store().pool_status().sessions_opened,
            hits: sum(|cache| cache.hits),
            misses: sum(|cache| cache.misses),
            evictions: sum(|cache| cache.evictions.total()),
            calls: bill.written + bill.unwritten + bill.lost,
        }
    }

    fn since(&self, before: &Self, host: &Host) -> Second {
        let calls = self.calls.saturating_sub(before.calls);
        let recent = host.recent_calls();
        let ended = recent
            .iter()
            .rev()
            .take(usize::try_from(calls).unwrap_or(usize::MAX));
        let at = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut plugins = BTreeMap::<_, u64>::new();
        for call in ended.clone() {
            let took = plugins.entry(call.plugin.clone()).or_default();
            *took = took.saturating_add(call.cost.wall_us);
        }
        let sample = Sample {
            at: at.map_or(0, |since| since.as_secs()),
            sessions: self.sessions.saturating_sub(before.sessions),
            in_use: host.store().pool_status().live_sessions.into(),
            calls,
            failures: ended
                .clone()
                .filter(|call| call.outcome != CallOutcome::Ok)
                .map(|_| 1)
                .sum(),
            waited_us: ended
                .clone()
                .map(|call| call.cost.wait_us)
                .fold(0, u64::saturating_add),
            hits: self.hits.saturating_sub(before.hits),
            misses: self.misses.saturating_sub(before.misses),
            evictions: self.evictions.saturating_sub(before.evictions),
            slowest_us: ended.map(|call| call.cost.wall_us).max().unwrap_or(0),
        };
        Second { sample, plugins }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_keeps_the_newest() {
        let mut ring = VecDeque::new();
        for at in 0..KEPT as u64 + 5 {
            keep(
                &mut ring,
                Second {
                    sample: Sample {
                        at,
                        ..Sample::default()
                    },
                    ..Second::default()
                },
            );
        }
        assert_eq!((ring.len(), ring[0].sample.at), (KEPT, 5));
    }

    #[test]
    fn the_plugins_that_took_longest_have_a_column_each() {
        let second = |took: &[(&str, u64)]| Second {
            plugins: took
                .iter()
                .map(|(name, took)| (name.parse().unwrap(), *took))
                .collect(),
            ..Second::default()
        };
        let ring = VecDeque::from([
            second(&[("a", 1), ("b", 9), ("c", 5), ("d", 5), ("e", 5)]),
            second(&[]),
            second(&[("a", 3), ("b", 1)]),
        ]);
        let columns = by_plugin(&ring);
        let names: Vec<_> = columns.keys().map(String::as_str).collect();
        assert_eq!(names, ["b", "c", "d", "e"]);
        assert_eq!(columns["b"], [9, 0, 1]);
    }

    #[test]
    fn a_sum_counts_each_sample_once() {
        let one = |at| Sample {
            at,
            calls: 2,
            in_use: at,
            ..Sample::default()
        };
        let samples = [one(3), one(2), one(1)];
        let sum = samples.iter().fold(samples[0], add_all(samples[0]));
        assert_eq!((sum.calls, sum.in_use), (6, 3));
    }
}
