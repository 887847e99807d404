//! What is counted, for Prometheus.
//!
//! Owns: `/metrics`, and what is counted of calls as they end. The labels are
//! bounded: a plugin's name is one only where the plugin is there, and of so
//! many plugins. Must not know: what calls are for.

mod gauges;
mod jobs;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use lombard_model::{CallRecord, PluginName};
use lombard_runtime::Host;
use lombard_scheduler::Scheduler;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::app::Shared;
use crate::problem::Problem;

/// Plugins with a label of their own; all others are `other`.
const NAMED: usize = 100;

/// The upper bounds of the buckets of a duration, in seconds.
const BOUNDS: [f64; 12] = [
    0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0,
];

pub(crate) fn routes() -> Router<Shared> {
    Router::new().route("/metrics", get(show))
}

/// All of it, as text in the format of OpenMetrics, which Prometheus reads.
async fn show(State(app): State<Shared>) -> Result<impl IntoResponse, Problem> {
    let mut shown = String::new();
    text::encode(&mut shown, &app.metrics.registry)
        .map_err(|_| Problem::unavailable("the metrics can't be written"))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], shown))
}

/// What is counted of a process.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    // The host's listener looks whether it is still there.
    _calls: Arc<Calls>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    plugin: String,
    function: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    plugin: String,
    function: &'static str,
}

/// What is counted of calls as they end.
#[derive(Debug)]
struct Calls {
    ended: Family<Ended, Counter>,
    durations: Family<Of, Histogram, fn() -> Histogram>,
    waits: Histogram,
    sessions: Family<Of, Counter>,
    named: Mutex<HashSet<PluginName>>,
}

impl Metrics {
    /// Counts what this host does from here on.
    pub(crate) fn of(host: &Arc<Host>, scheduler: Option<&Arc<Scheduler>>) -> Self {
        let calls = Arc::new(Calls {
            ended: Family::default(),
            durations: Family::new_with_constructor(durations),
            waits: durations(),
            sessions: Family::default(),
            named: Mutex::default(),
        });
        let listening = Arc::downgrade(&calls);
        host.on_call(move |record| {
            if let Some(calls) = listening.upgrade() {
                calls.count(record);
            }
        });
        let mut registry = Registry::with_prefix("lombard");
        let help = "Calls of plugins, by how they ended";
        registry.register("calls", help, calls.ended.clone());
        let help = "From the request of a call to its answer";
        registry.register_with_unit(
            "call_duration",
            help,
            Unit::Seconds,
            calls.durations.clone(),
        );
        let help = "How long calls waited for a connection";
        registry.register_with_unit("call_wait", help, Unit::Seconds, calls.waits.clone());
        let help = "Sessions that calls of plugins opened";
        registry.register("call_sessions", help, calls.sessions.clone());
        registry.register_collector(Box::new(gauges::Gauges::of(host)));
        if let Some(scheduler) = scheduler {
            let jobs = jobs::Jobs::of(Arc::clone(scheduler));
            registry.register_collector(Box::new(jobs));
        }
        Self {
            registry,
            _calls: calls,
        }
    }
}

fn durations() -> Histogram {
    Histogram::new(BOUNDS)
}

impl Calls {
    fn count(&self, record: &CallRecord) {
        let plugin = self.label(record);
        let function = record.function;
        self.ended
            .get_or_create(&Ended {
                plugin: plugin.clone(),
                function,
                outcome: record.outcome.as_str(),
            })
            .inc();
        let seconds = |micros| Duration::from_micros(micros).as_secs_f64();
        let of = Of { plugin, function };
        self.sessions
            .get_or_create(&of)
            .inc_by(record.cost.sessions.into());
        self.durations
            .get_or_create(&of)
            .observe(seconds(record.cost.wall_us));
        self.waits.observe(seconds(record.cost.wait_us));
    }

    fn label(&self, record: &CallRecord) -> String {
        // Anybody can ask for an expert that is not there, by any number.
        if record.digest.is_none() {
            return "unknown".to_owned();
        }
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = named.len() < NAMED;
        if has_room {
            named.insert(record.plugin.clone());
        }
        match has_room || named.contains(&record.plugin) {
            true => record.plugin.to_string(),
            false => "other".to_owned(),
        }
    }
}
