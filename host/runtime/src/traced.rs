//! The spans of calls, by which somebody outside can follow where the time
//! goes.
//!
//! Owns: their names and attributes, and the time that a call spends in the
//! host, which is measured only where somebody follows. Must not know: who
//! follows.

use std::sync::Arc;
use std::time::Instant;

use lombard_model::{CallCost, CallId, CallOutcome};
use tracing::Span;
use tracing::field::Empty;

use crate::spent::Spent;

/// The span of one call of a plugin. What it was and came to is known at its
/// end, and said then by [`ended`].
pub(crate) fn call(function: &'static str, id: CallId) -> Span {
    tracing::debug_span!(
        target: "lombard::call",
        "plugin call",
        otel.name = function,
        otel.status_code = Empty,
        call = %id,
        plugin = Empty,
        version = Empty,
        outcome = Empty,
        sessions = Empty,
        statements = Empty,
        rows = Empty,
        cache_hits = Empty,
        cache_misses = Empty,
        host_calls = Empty,
        // What is slow: the host's functions, waiting for a connection
        // included, or all the rest of the call, which is the guest.
        host_us = Empty,
        guest_us = Empty,
        wait_us = Empty,
        cpu_us = Empty,
        memory_peak_bytes = Empty,
    )
}

/// Says what a call was and came to.
pub(crate) fn ended(
    span: &Span,
    (plugin, version): (&str, &str),
    outcome: CallOutcome,
    cost: &CallCost,
    spent: &Spent,
) {
    if span.is_disabled() {
        return;
    }
    // Attributes are signed.
    let number = |name: &str, value: u64| {
        span.record(name, i64::try_from(value).unwrap_or(i64::MAX));
    };
    let in_host = spent.in_host_us();
    span.record("plugin", plugin);
    span.record("version", version);
    span.record("outcome", outcome.as_str());
    if outcome != CallOutcome::Ok {
        span.record("otel.status_code", "ERROR");
    }
    number("sessions", cost.sessions.into());
    number("statements", cost.statements.into());
    number("rows", cost.rows);
    number("cache_hits", cost.cache_hits);
    number("cache_misses", cost.cache_misses);
    number("host_calls", cost.host_calls);
    number("host_us", in_host);
    number("guest_us", cost.wall_us.saturating_sub(in_host));
    number("wait_us", cost.wait_us);
    number("cpu_us", cost.cpu_us);
    number("memory_peak_bytes", cost.memory_peak_bytes);
}

/// A call of the guest into the host, from its beginning to the end of what the
/// host does for it.
pub(crate) struct HostCall(Option<Followed>);

/// One that somebody follows.
struct Followed {
    _span: Span,
    began: Instant,
    spent: Arc<Spent>,
}

impl HostCall {
    /// Counts it, and measures it where somebody follows.
    pub(crate) fn begin(name: &'static str, spent: &Arc<Spent>) -> Self {
        spent.host_call();
        let span =
            tracing::trace_span!(target: "lombard::host_call", "host call", otel.name = name);
        let followed = (!span.is_disabled()).then(|| Followed {
            _span: span,
            began: Instant::now(),
            spent: Arc::clone(spent),
        });
        Self(followed)
    }
}

impl Drop for HostCall {
    fn drop(&mut self) {
        if let Some(Followed { began, spent, .. }) = &self.0 {
            spent.in_host(began.elapsed());
        }
    }
}
