//! What was measured, as JSON and for people.
//!
//! Owns: keys, columns and legends. Must not know: how it was measured.

use lombard_model::Decimal;
use lombard_model::view::{Cell, Kind};
use serde_json::{Value as Json, json};

use super::Measured;
use super::calls::Part;
use super::crowd::Crowd;
use super::percentiles::number;
use super::widgets::Run;
use crate::draw::{self, Style};

pub(super) fn json(measured: &Measured) -> Json {
    json!({
        "machine": machine(),
        "runs": measured.runs.iter().map(run).collect::<Vec<_>>(),
        "crowds": measured.crowds.iter().map(crowd).collect::<Vec<_>>(),
        "parts": measured.parts.iter().map(part).collect::<Vec<_>>(),
    })
}

fn run(run: &Run) -> Json {
    let (unchanged, unchanged_cost) = &run.unchanged;
    let mut json = json!({
        "widget": run.widget,
        "transactions": run.size.transactions,
        "accounts": run.size.accounts,
        "wasm_us": run.wasm.json(),
        "native_us": run.native.json(),
        "ratio": number(run.wasm.over(run.native)),
        "sessions": run.cost.sessions,
        "statements": run.cost.statements,
        "unchanged_us": unchanged.json(),
        "unchanged_sessions": unchanged_cost.sessions,
        "unchanged_statements": unchanged_cost.statements,
        "unchanged_times_faster": number(run.wasm.over(*unchanged)),
    });
    if let Some((naive, cost)) = &run.naive {
        json["naive_us"] = naive.json();
        json["naive_ratio"] = number(naive.over(run.native));
        json["naive_sessions"] = cost.sessions.into();
        json["naive_statements"] = cost.statements.into();
        json["naive_host_calls"] = cost.host_calls.into();
    }
    json
}

fn crowd(crowd: &Crowd) -> Json {
    json!({
        "at_once": crowd.at_once,
        "shared_reads": crowd.shares_reads,
        "renders": crowd.renders,
        "failed": crowd.failed,
        "renders_per_second": crowd.per_second(),
        "wall_us": crowd.wall.json(),
        "wait_us": crowd.waited.json(),
        "connections_lost": crowd.lost,
    })
}

fn part(part: &Part) -> Json {
    json!({ "part": part.name, "what": part.what, "us": part.took.json() })
}

pub(super) fn words(measured: &Measured, style: Style) -> String {
    let mut words = runs(&measured.runs, style);
    if !measured.crowds.is_empty() {
        words += &crowds(&measured.crowds, style);
    }
    if !measured.parts.is_empty() {
        words += &parts(&measured.parts, style);
    }
    words
}

fn runs(runs: &[Run], style: Style) -> String {
    let columns = [
        ("Widget", Kind::Text),
        ("Trades", Kind::Integer),
        ("On", Kind::Integer),
        ("Wasm", Kind::Quantity),
        ("p99", Kind::Quantity),
        ("Native", Kind::Quantity),
        ("Ratio", Kind::Quantity),
        ("Naive", Kind::Quantity),
        ("Same", Kind::Quantity),
        ("Sessions", Kind::Integer),
        ("Statements", Kind::Integer),
    ];
    let row = |run: &Run| -> Vec<Cell> {
        vec![
            run.widget.into(),
            i64::from(run.size.transactions).into(),
            i64::from(run.size.accounts).into(),
            whole(run.wasm.p50()),
            whole(run.wasm.p99()),
            whole(run.native.p50()),
            run.wasm.over(run.native).round_dp(2).into(),
            run.naive
                .as_ref()
                .map_or(Cell::Absent, |(naive, _)| whole(naive.p50())),
            whole(run.unchanged.0.p50()),
            i64::from(run.cost.sessions).into(),
            i64::from(run.cost.statements).into(),
        ]
    };
    let legend = "Times are microseconds for one render: the median, and p99, which 99 of 100 \
        renders stay within. Native is the same algorithm in Rust on the same session, naive a \
        plugin that shows the same and looks up row by row; all take turns and read the database \
        each time. The ratio is of the medians of Wasm and native. Same is a render on data that \
        was read before and has not changed. On: accounts.";
    section(
        &columns,
        &runs.iter().map(row).collect::<Vec<_>>(),
        legend,
        style,
    )
}

fn crowds(crowds: &[Crowd], style: Style) -> String {
    let columns = [
        ("At once", Kind::Integer),
        ("Reads", Kind::Text),
        ("Renders/s", Kind::Integer),
        ("Wall", Kind::Quantity),
        ("p99", Kind::Quantity),
        ("Waited", Kind::Quantity),
        ("p99", Kind::Quantity),
        ("Failed", Kind::Integer),
        ("Lost", Kind::Integer),
    ];
    let row = |crowd: &Crowd| -> Vec<Cell> {
        vec![
            i64::from(crowd.at_once).into(),
            if crowd.shares_reads { "shared" } else { "each" }.into(),
            integer(crowd.per_second()),
            whole(crowd.wall.p50()),
            whole(crowd.wall.p99()),
            whole(crowd.waited.p50()),
            whole(crowd.waited.p99()),
            i64::from(crowd.failed).into(),
            integer(crowd.lost),
        ]
    };
    let legend = "Renders of 200 trades that begin at once on 10 connections. Waited: for a \
        connection. Lost: connections that did not come back.";
    section(
        &columns,
        &crowds.iter().map(row).collect::<Vec<_>>(),
        legend,
        style,
    )
}

fn parts(parts: &[Part], style: Style) -> String {
    let columns = [
        ("Part", Kind::Text),
        ("Median", Kind::Quantity),
        ("p99", Kind::Quantity),
    ];
    let row = |part: &Part| -> Vec<Cell> {
        vec![
            part.what.into(),
            part.took.p50().into(),
            part.took.p99().into(),
        ]
    };
    section(
        &columns,
        &parts.iter().map(row).collect::<Vec<_>>(),
        "Microseconds.",
        style,
    )
}

fn section(columns: &[(&str, Kind)], rows: &[Vec<Cell>], legend: &str, style: Style) -> String {
    let (table, legend) = (
        draw::table(columns, rows, style),
        draw::aside(legend, style),
    );
    format!("{table}\n{legend}\n")
}

/// A duration for people, who look at no more than microseconds.
fn whole(micros: Decimal) -> Cell {
    micros.round_dp(0).into()
}

fn integer(number: u64) -> Cell {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

fn machine() -> Json {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    json!({
        "os": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
        "cpu": model.map(|(_, name)| name.trim()),
        "cores": std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
    })
}
