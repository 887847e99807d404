//! The report in a terminal.
//!
//! Owns: its parts and their words. Must not know: how a table is drawn.

use lombard_model::Limit;
use lombard_model::view::{Cell, Kind};
use lombard_store::{Caller, Holder, LookUpLoop, NearLimit, Outcome};
use rust_decimal::Decimal;

use super::judgement::{Judged, advice};
use super::{NEAR_PERCENT, Report, document};
use crate::draw::{self, Style};

pub(super) fn of(report: &Report, style: Style) -> String {
    let audit = &report.audit;
    if audit.sums.calls == 0 {
        return draw::paragraph(&nothing(report), style) + &thresholds(report, style);
    }
    let mut words = sums(report, style);
    words += &part("Top callers", &CALLERS, &audit.callers, caller, style);
    words += &part(
        "How calls ended",
        &OUTCOMES,
        &audit.outcomes,
        outcome,
        style,
    );
    words += &draw::heading("Look-up loops", style);
    words += &loops(report, style);
    let title = format!("Calls at {NEAR_PERCENT} % of a limit or beyond");
    words += &draw::heading(&title, style);
    words += &near_limits(report, style);
    words += &part(
        "Who held a connection the longest",
        &HOLDERS,
        &audit.holders,
        holder,
        style,
    );
    words + &thresholds(report, style)
}

fn nothing(report: &Report) -> String {
    let mut words = "no calls are recorded".to_owned();
    if let Some(plugin) = &report.query.plugin {
        words += &format!(" of {plugin}");
    }
    if let Some(since) = report.query.since {
        words += &format!(" since {since}");
    }
    words
}

fn sums(report: &Report, style: Style) -> String {
    let sums = &report.audit.sums;
    let per_second = document::per_second(&report.audit);
    let entries = [
        ("calls", Kind::Integer, count(sums.calls)),
        ("did not end well", Kind::Integer, count(sums.failures)),
        ("first", Kind::Time, sums.first.into()),
        ("last", Kind::Time, sums.last.into()),
        ("sessions", Kind::Integer, count(sums.sessions)),
        ("sessions per second", Kind::Quantity, per_second.into()),
        (
            "in the busiest second",
            Kind::Integer,
            count(sums.busiest_sessions),
        ),
        ("statements", Kind::Integer, count(sums.statements)),
        ("most in a call", Kind::Integer, count(sums.most_statements)),
        ("rows", Kind::Integer, count(sums.rows)),
        ("bytes", Kind::Integer, count(sums.bytes)),
        ("given by caches", Kind::Integer, count(sums.cache_hits)),
        ("not in caches", Kind::Integer, count(sums.cache_misses)),
        (
            "longest wait, ms",
            Kind::Quantity,
            millis(sums.longest_wait_us),
        ),
    ];
    draw::key_values(&entries, style)
}

const CALLERS: [(&str, Kind); 8] = [
    ("Plugin", Kind::Text),
    ("Version", Kind::Text),
    ("Called", Kind::Text),
    ("Calls", Kind::Integer),
    ("Sessions", Kind::Integer),
    ("Statements", Kind::Integer),
    ("Most in a call", Kind::Integer),
    ("Held, ms", Kind::Quantity),
];

fn caller(caller: &Caller) -> Vec<Cell> {
    vec![
        caller.plugin.as_str().into(),
        caller.version.as_str().into(),
        caller.function.as_str().into(),
        count(caller.calls),
        count(caller.sessions),
        count(caller.statements),
        count(caller.most_statements),
        millis(caller.held_us),
    ]
}

const OUTCOMES: [(&str, Kind); 4] = [
    ("Outcome", Kind::Text),
    ("Calls", Kind::Integer),
    ("Last", Kind::Text),
    ("Its error", Kind::Text),
];

fn outcome(outcome: &Outcome) -> Vec<Cell> {
    vec![
        outcome.outcome.as_str().into(),
        count(outcome.calls),
        outcome.last_plugin.as_str().into(),
        outcome.last_error.clone().into(),
    ]
}

/// Each loop with what to do about it.
fn loops(report: &Report, style: Style) -> String {
    let (audit, limit) = (&report.audit, report.query.loop_limit);
    if audit.loops.is_empty() {
        let words = format!("no call looked up one kind of thing more than {limit} times");
        return draw::aside(&words, style);
    }
    let row = |found: &LookUpLoop| -> Vec<Cell> {
        vec![
            found.plugin.as_str().into(),
            found.version.as_str().into(),
            found.kind.as_str().into(),
            count(found.most),
            count(found.calls),
            advice(found.kind).into(),
        ]
    };
    let columns = [
        ("Plugin", Kind::Text),
        ("Version", Kind::Text),
        ("Looked up", Kind::Text),
        ("Most in a call", Kind::Integer),
        ("Calls", Kind::Integer),
        ("Instead", Kind::Text),
    ];
    let rows: Vec<_> = audit.loops.iter().map(row).collect();
    draw::table(&columns, &rows, style) + &rest(rows.len(), audit.loops_in_all, style)
}

fn near_limits(report: &Report, style: Style) -> String {
    let (audit, limits) = (&report.audit, &report.limits);
    if audit.near.is_empty() {
        return draw::aside("none", style);
    }
    let row = |near: &NearLimit| -> Vec<Cell> {
        let mut row = named(&near.call);
        row.push(millis(near.used_us));
        row.push(count(near.memory_bytes));
        row.push(count(near.statements));
        row
    };
    let columns = [
        ("Plugin", Kind::Text),
        ("Version", Kind::Text),
        ("Call", Kind::Text),
        ("Began", Kind::Time),
        ("Ended", Kind::Text),
        ("Used, ms", Kind::Quantity),
        ("Memory, bytes", Kind::Integer),
        ("Statements", Kind::Integer),
    ];
    let rows: Vec<_> = audit.near.iter().map(row).collect();
    let [deadline, memory, statements] =
        [Limit::DeadlineMs, Limit::MemoryBytes, Limit::Statements].map(|one| limits.get(one));
    let words =
        format!("The limits are {deadline} ms, {memory} bytes and {statements} statements.");
    draw::table(&columns, &rows, style)
        + &rest(rows.len(), audit.near_in_all, style)
        + &draw::aside(&words, style)
}

const HOLDERS: [(&str, Kind); 6] = [
    ("Plugin", Kind::Text),
    ("Version", Kind::Text),
    ("Call", Kind::Text),
    ("Began", Kind::Time),
    ("Ended", Kind::Text),
    ("Held, ms", Kind::Quantity),
];

fn holder(call: &Holder) -> Vec<Cell> {
    let mut row = named(call);
    row.push(millis(call.held_us));
    row
}

/// Which call it was, when, and how it ended.
fn named(call: &Holder) -> Vec<Cell> {
    let name = match call.call_id {
        Some(id) => format!("{} {id}", call.function),
        None => call.function.clone(),
    };
    vec![
        call.plugin.as_str().into(),
        call.version.as_str().into(),
        name.into(),
        call.began_at.into(),
        call.outcome.as_str().into(),
    ]
}

fn thresholds(report: &Report, style: Style) -> String {
    if report.thresholds.is_empty() {
        return String::new();
    }
    let row = |judged: &Judged| -> Vec<Cell> {
        let crossed = if judged.is_crossed() {
            "crossed"
        } else {
            "kept"
        };
        vec![
            judged.threshold.measure.as_str().into(),
            count(judged.threshold.most),
            count(judged.found),
            crossed.into(),
        ]
    };
    let columns = [
        ("Threshold", Kind::Text),
        ("At most", Kind::Integer),
        ("Found", Kind::Integer),
        ("It is", Kind::Text),
    ];
    part("Thresholds", &columns, &report.thresholds, row, style)
}

fn part<T>(
    title: &str,
    columns: &[(&str, Kind)],
    items: &[T],
    row: impl Fn(&T) -> Vec<Cell>,
    style: Style,
) -> String {
    let rows: Vec<_> = items.iter().map(row).collect();
    draw::heading(title, style) + &draw::table(columns, &rows, style)
}

/// How many are not listed.
fn rest(listed: usize, in_all: u64, style: Style) -> String {
    let listed = u64::try_from(listed).unwrap_or(u64::MAX);
    match in_all.saturating_sub(listed) {
        0 => String::new(),
        more => draw::aside(&format!("and {more} more: --top lists them"), style),
    }
}

fn count(number: u64) -> Cell {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

fn millis(micros: u64) -> Cell {
    let millis = Decimal::from(micros) / Decimal::ONE_THOUSAND;
    millis.round_dp(1).into()
}
