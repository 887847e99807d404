//! What is looked up when somebody asks: pool, caches, bill, process.
//!
//! Owns: their names. Must not know: calls.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use lombard_accounts::CacheStats;
use lombard_runtime::Host;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Looks at a host.
#[derive(Debug)]
pub(super) struct Gauges {
    host: Arc<Host>,
    begun: Instant,
}

/// A value with its labels.
type Labelled<'a> = (&'a [(&'a str, &'a str)], u64);

impl Gauges {
    pub(super) fn of(host: &Arc<Host>) -> Self {
        Self {
            host: Arc::clone(host),
            begun: Instant::now(),
        }
    }

    fn pool(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let pool = self.host.store().pool_status();
        let wide = |many: usize| u64::try_from(many).unwrap_or(u64::MAX);
        counter(
            to,
            "sessions_opened",
            "Sessions that took a connection",
            pool.sessions_opened,
        )?;
        gauge(
            to,
            "pool_connections",
            "Connections that are open",
            pool.size.into(),
        )?;
        gauge(
            to,
            "pool_idle",
            "Open connections that are free",
            wide(pool.idle),
        )?;
        gauge(to, "pool_max", "Connections there can be", pool.max.into())?;
        let live = "Sessions that hold a connection";
        gauge(to, "sessions_live", live, pool.live_sessions.into())
    }

    fn caches(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let accounts = self.host.accounts();
        let caches = [
            ("accounts", accounts.account_stats()),
            ("experts", accounts.expert_stats()),
        ];
        let each = |to: &mut DescriptorEncoder<'_>, name, help, value: fn(&CacheStats) -> u64| {
            let labels = caches.map(|(cache, stats)| ([("cache", cache)], value(&stats)));
            let values: Vec<Labelled<'_>> =
                labels.iter().map(|(at, value)| (&at[..], *value)).collect();
            family(to, name, help, &values)
        };
        each(
            to,
            "cache_hits",
            "Look-ups that were answered at once",
            |one| one.hits,
        )?;
        each(to, "cache_misses", "Look-ups that were not", |one| {
            one.misses
        })?;
        each(to, "cache_loads", "Loads that were begun", |one| one.loads)?;
        let held = |stats: &CacheStats| u64::try_from(stats.instances).unwrap_or(u64::MAX);
        for (cache, stats) in &caches {
            let name = format!("{cache}_cached");
            gauge(to, &name, "Instances that the cache holds", held(stats))?;
        }
        let evictions = caches.iter().flat_map(|(cache, stats)| {
            let dropped = stats.evictions;
            let causes = [
                ("capacity", dropped.capacity),
                ("expired", dropped.expired),
                ("changed", dropped.changed),
                ("external", dropped.external),
                ("dropped", dropped.dropped),
            ];
            causes.map(|(cause, many)| ([("cache", *cache), ("cause", cause)], many))
        });
        let evictions: Vec<_> = evictions.collect();
        let values: Vec<Labelled<'_>> = evictions
            .iter()
            .map(|(at, many)| (&at[..], *many))
            .collect();
        family(
            to,
            "cache_evictions",
            "What was dropped, by its cause",
            &values,
        )
    }

    fn bill(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let bill = self.host.bill_status();
        gauge(
            to,
            "bill_unwritten",
            "Records of calls in memory only",
            bill.unwritten,
        )?;
        counter(
            to,
            "bill_written",
            "Records of calls that were written",
            bill.written,
        )?;
        counter(
            to,
            "bill_lost",
            "Records of calls that were lost",
            bill.lost,
        )
    }

    fn process(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let seconds = ConstGauge::new(self.begun.elapsed().as_secs_f64());
        let help = "Since the server began";
        let unit = Some(&Unit::Seconds);
        seconds.encode(to.encode_descriptor("uptime", help, unit, MetricType::Gauge)?)?;
        // Not every system tells.
        let Some(bytes) = resident() else {
            return Ok(());
        };
        let help = "Memory that the process holds";
        let bytes = ConstGauge::new(signed(bytes));
        let unit = Some(&Unit::Bytes);
        bytes.encode(to.encode_descriptor("memory", help, unit, MetricType::Gauge)?)
    }
}

impl Collector for Gauges {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.pool(&mut encoder)?;
        self.caches(&mut encoder)?;
        self.bill(&mut encoder)?;
        self.process(&mut encoder)
    }
}

pub(super) fn gauge(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    value: u64,
) -> fmt::Result {
    let value = ConstGauge::new(signed(value));
    value.encode(to.encode_descriptor(name, help, None, MetricType::Gauge)?)
}

fn counter(to: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let value = ConstCounter::new(value);
    value.encode(to.encode_descriptor(name, help, None, MetricType::Counter)?)
}

fn family(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: &[Labelled<'_>],
) -> fmt::Result {
    let mut family = to.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, value) in values {
        ConstCounter::new(*value).encode(family.encode_family(labels)?)?;
    }
    Ok(())
}

/// The format has signed gauges only.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The memory that this process holds, in bytes.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1_024)
}
