//! The report as one JSON document.
//!
//! Owns: its keys, which others read. Must not know: terminals.

use lombard_model::Limit;
use lombard_store::{Audit, Caller, Holder, LookUpLoop, NearLimit, Outcome};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::judgement::{Judged, advice};
use super::{NEAR_PERCENT, Report, seconds};

pub(super) fn of(report: &Report) -> Json {
    let Report {
        query,
        audit,
        limits,
        thresholds,
    } = report;
    let sums = &audit.sums;
    let busiest = sums
        .busiest
        .map(|at| json!({ "at": at, "sessions": sums.busiest_sessions }));
    json!({
        "since": query.since,
        "plugin": query.plugin,
        "calls": sums.calls,
        "failures": sums.failures,
        "first": sums.first,
        "last": sums.last,
        "sessions": {
            "total": sums.sessions,
            "per_second": per_second(audit).to_string(),
            "busiest_second": busiest,
        },
        "statements": { "total": sums.statements, "most_in_a_call": sums.most_statements },
        "rows": sums.rows,
        "bytes": sums.bytes,
        "cache": { "hits": sums.cache_hits, "misses": sums.cache_misses },
        "connections": {
            "held_us": sums.held_us,
            "longest_held_us": sums.longest_held_us,
            "longest_wait_us": sums.longest_wait_us,
        },
        "outcomes": audit.outcomes.iter().map(outcome).collect::<Json>(),
        "callers": audit.callers.iter().map(caller).collect::<Json>(),
        "loop_limit": query.loop_limit,
        "loops": audit.loops.iter().map(look_up_loop).collect::<Json>(),
        "loops_in_all": audit.loops_in_all,
        "near_percent": NEAR_PERCENT,
        "limits": {
            "deadline_ms": limits.get(Limit::DeadlineMs),
            "memory_bytes": limits.get(Limit::MemoryBytes),
            "statements": limits.get(Limit::Statements),
        },
        "near_limit": audit.near.iter().map(near).collect::<Json>(),
        "near_limit_in_all": audit.near_in_all,
        "holders": audit.holders.iter().map(holder).collect::<Json>(),
        "thresholds": thresholds.iter().map(threshold).collect::<Json>(),
    })
}

/// Sessions for each second from the first call to the end of the last, exact
/// to 3 places.
pub(super) fn per_second(audit: &Audit) -> Decimal {
    (Decimal::from(audit.sums.sessions) / Decimal::from(seconds(audit)))
        .round_dp(3)
        .normalize()
}

fn outcome(outcome: &Outcome) -> Json {
    json!({
        "outcome": outcome.outcome,
        "calls": outcome.calls,
        "last_plugin": outcome.last_plugin,
        "last_error": outcome.last_error,
    })
}

fn caller(caller: &Caller) -> Json {
    json!({
        "plugin": caller.plugin,
        "version": caller.version,
        "function": caller.function,
        "calls": caller.calls,
        "failures": caller.failures,
        "sessions": caller.sessions,
        "statements": caller.statements,
        "most_statements": caller.most_statements,
        "rows": caller.rows,
        "held_us": caller.held_us,
        "cpu_us": caller.cpu_us,
        "rank": {
            "sessions": caller.ranks.sessions,
            "statements": caller.ranks.statements,
            "held": caller.ranks.held,
        },
    })
}

fn look_up_loop(found: &LookUpLoop) -> Json {
    json!({
        "plugin": found.plugin,
        "version": found.version,
        "function": found.function,
        "look_up": found.kind,
        "calls": found.calls,
        "most_in_a_call": found.most,
        "last": found.last,
        "set_call": found.kind.set_call(),
        "advice": advice(found.kind),
    })
}

fn near(near: &NearLimit) -> Json {
    let mut call = holder(&near.call);
    call["used_us"] = near.used_us.into();
    call["memory_peak_bytes"] = near.memory_bytes.into();
    call["statements"] = near.statements.into();
    call
}

fn holder(call: &Holder) -> Json {
    json!({
        "plugin": call.plugin,
        "version": call.version,
        "function": call.function,
        "run": call.run,
        "call": call.call_id,
        "began_at": call.began_at,
        "outcome": call.outcome,
        "held_us": call.held_us,
    })
}

fn threshold(judged: &Judged) -> Json {
    json!({
        "what": judged.threshold.measure.as_str(),
        "most": judged.threshold.most,
        "found": judged.found,
        "crossed": judged.is_crossed(),
    })
}
