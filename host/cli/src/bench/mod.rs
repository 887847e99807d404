//! `lombard bench`: the widgets beside the same work in native Rust.
//!
//! Owns: the order of the runs and the figures. Both sides use the same store
//! and the same algorithm on the same session, reading the database each time;
//! they take turns, so that whatever else the machine does meets both.
//! Must not know: how either side renders.

mod book;
mod native;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use lombard_model::view::{Cell, Kind};
use lombard_model::{CallCost, Decimal};
use lombard_runtime::{Clock, Host, PluginRef};
use lombard_store::Location;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value as Json, json};

use crate::arguments::BenchOptions;
use crate::context::Context;
use crate::draw::{self, Style};

/// Renders of each side before the first that counts.
const WARM_UP: u32 = 5;

struct Run {
    widget: &'static str,
    transactions: u32,
    wasm: Percentiles,
    native: Percentiles,
    cost: CallCost,
}

/// Durations at the middle and near the end, in nanoseconds.
#[derive(Clone, Copy)]
struct Percentiles {
    p50: u64,
    p99: u64,
}

pub(crate) async fn run(context: &Context, options: &BenchOptions) -> anyhow::Result<()> {
    let sizes = match options.transactions.as_slice() {
        [] => &[20, 200, 2_000],
        sizes => sizes,
    };
    let mut runs = Vec::new();
    for size in sizes {
        let doing = format!("measuring with {size} transactions");
        runs.extend(
            context
                .progress
                .during(&doing, of_size(context, *size, options.renders))
                .await?,
        );
    }
    context
        .output
        .result(|| json_of(&runs), |style| words_of(&runs, style))
}

async fn of_size(context: &Context, size: u32, renders: u32) -> anyhow::Result<Vec<Run>> {
    let folder = tempfile::tempdir().context("no folder for a throw-away database")?;
    let location = Location::file(folder.path().join("bench.sqlite"));
    let host = context.host_on(location, Clock::System, false).await?;
    let measured = measure(&host, size, renders).await;
    host.close().await;
    measured
}

async fn measure(host: &Host, size: u32, renders: u32) -> anyhow::Result<Vec<Run>> {
    host.import(book::of(size)?).await?;
    let mut runs = Vec::new();
    for widget in native::WIDGETS {
        let plugin = host.plugin(widget.name).await?;
        runs.push(compare(host, &plugin, widget, size, renders).await?);
    }
    Ok(runs)
}

async fn compare(
    host: &Host,
    plugin: &PluginRef,
    widget: &native::Widget,
    size: u32,
    renders: u32,
) -> anyhow::Result<Run> {
    let params = Default::default();
    let (mut wasm, mut native) = (Vec::new(), Vec::new());
    let mut cost = CallCost::default();
    for round in 0..WARM_UP + renders {
        let began = Instant::now();
        let rendered = host.render(plugin, &params, None).await?;
        let wasm_took = began.elapsed();
        let began = Instant::now();
        let view = native::render(host, widget).await?;
        let native_took = began.elapsed();
        if rendered.view != view {
            anyhow::bail!("{}: the two sides do not show the same", widget.name);
        }
        if round >= WARM_UP {
            wasm.push(wasm_took);
            native.push(native_took);
        }
        cost = rendered.cost;
    }
    Ok(Run {
        widget: widget.name,
        transactions: size,
        wasm: percentiles(wasm),
        native: percentiles(native),
        cost,
    })
}

fn percentiles(mut took: Vec<Duration>) -> Percentiles {
    took.sort_unstable();
    let at = |percent: usize| {
        let index = (took.len() * percent / 100).min(took.len().saturating_sub(1));
        let nanos = took.get(index).map_or(0, Duration::as_nanos);
        u64::try_from(nanos).unwrap_or(u64::MAX)
    };
    Percentiles {
        p50: at(50),
        p99: at(99),
    }
}

impl Run {
    /// Of the medians.
    fn ratio(&self) -> Decimal {
        let native = Decimal::from(self.native.p50.max(1));
        (Decimal::from(self.wasm.p50) / native).round_dp(3)
    }
}

impl Percentiles {
    fn json(self) -> Json {
        json!({ "p50": number(micros(self.p50)), "p99": number(micros(self.p99)) })
    }
}

fn micros(nanos: u64) -> Decimal {
    (Decimal::from(nanos) / Decimal::ONE_THOUSAND).round_dp(1)
}

/// A figure as a JSON number: it is a measurement, not money.
fn number(figure: Decimal) -> Json {
    figure.to_f64().map_or(Json::Null, Json::from)
}

fn json_of(runs: &[Run]) -> Json {
    let run = |run: &Run| {
        json!({
            "widget": run.widget,
            "transactions": run.transactions,
            "wasm_us": run.wasm.json(),
            "native_us": run.native.json(),
            "ratio": number(run.ratio()),
            "sessions": run.cost.sessions,
            "statements": run.cost.statements,
        })
    };
    json!({ "machine": machine(), "runs": runs.iter().map(run).collect::<Vec<_>>() })
}

fn words_of(runs: &[Run], style: Style) -> String {
    let columns = [
        ("Widget", Kind::Text),
        ("Trades", Kind::Integer),
        ("Wasm", Kind::Quantity),
        ("p99", Kind::Quantity),
        ("Native", Kind::Quantity),
        ("p99", Kind::Quantity),
        ("Ratio", Kind::Quantity),
        ("Sessions", Kind::Integer),
        ("Statements", Kind::Integer),
    ];
    let rows: Vec<Vec<Cell>> = runs
        .iter()
        .map(|run| {
            vec![
                run.widget.into(),
                i64::from(run.transactions).into(),
                whole(run.wasm.p50),
                whole(run.wasm.p99),
                whole(run.native.p50),
                whole(run.native.p99),
                run.ratio().round_dp(2).into(),
                i64::from(run.cost.sessions).into(),
                i64::from(run.cost.statements).into(),
            ]
        })
        .collect();
    let legend = "Times are microseconds for one render: the median, and p99, which 99 of 100 \
        renders stay within. Native is the same algorithm in Rust on the same session; both sides \
        take turns and read the database each time. The ratio is of the medians.";
    format!(
        "{}\n{}",
        draw::table(&columns, &rows, style),
        draw::aside(legend, style)
    )
}

/// A duration for people, who look at no more than microseconds.
fn whole(nanos: u64) -> Cell {
    micros(nanos).round_dp(0).into()
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
