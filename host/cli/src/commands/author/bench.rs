//! `lombard plugin bench`.

use std::path::Path;
use std::time::Duration;

use lombard_author::cases::{self, Case};
use lombard_model::CallCost;
use lombard_model::view::{Cell, Kind};
use serde_json::{Value as Json, json};

use super::built;
use super::cases::play;
use super::stage::Stage;
use crate::bench::Percentiles;
use crate::commands::source::count;
use crate::context::Context;
use crate::draw;
use crate::failure::Advised;

/// What the calls of a case took.
struct Measured {
    name: String,
    wall: Percentiles,
    cpu: Percentiles,
    cost: CallCost,
}

pub(super) async fn run(context: &Context, folder: &Path, calls: u32) -> anyhow::Result<()> {
    let (project, built, _) = built(context, folder).await?;
    let cases = cases::find(&project.cases())?;
    if cases.is_empty() {
        let words = format!("{} has no cases to call it with", project.manifest.name);
        let remedy = "write cases/NAME.toml; an empty one calls the plugin on the demo's data";
        return Err(Advised::new(words, remedy).into());
    }
    let mut measured = Vec::new();
    for case in &cases {
        let measuring = measure(context, case, &built.bytes, calls);
        let doing = format!("measuring {}", case.name);
        measured.push(context.progress.during(&doing, measuring).await?);
    }
    context.output.result(
        || json!({ "calls": calls, "cases": measured.iter().map(json_of).collect::<Vec<_>>() }),
        |style| {
            let rows: Vec<_> = measured.iter().map(cells).collect();
            draw::table(&COLUMNS, &rows, style)
        },
    )
}

async fn measure(
    context: &Context,
    case: &Case,
    bytes: &[u8],
    calls: u32,
) -> anyhow::Result<Measured> {
    let dataset = case.dataset_file();
    let stage = Stage::open(context, play(case, bytes, dataset.as_deref())).await?;
    let measured = call_often(&stage, calls).await;
    stage.close().await;
    let (wall, cpu, cost) = measured?;
    Ok(Measured {
        name: case.name.clone(),
        wall: Percentiles::of(wall),
        cpu: Percentiles::of(cpu),
        cost,
    })
}

async fn call_often(
    stage: &Stage,
    calls: u32,
) -> anyhow::Result<(Vec<Duration>, Vec<Duration>, CallCost)> {
    // The first one fills caches.
    let mut cost = stage.call().await?.record.cost;
    let (mut wall, mut cpu) = (Vec::new(), Vec::new());
    for _ in 0..calls {
        cost = stage.call().await?.record.cost;
        wall.push(Duration::from_micros(cost.wall_us));
        cpu.push(Duration::from_micros(cost.cpu_us));
    }
    Ok((wall, cpu, cost))
}

const COLUMNS: [(&str, Kind); 8] = [
    ("Case", Kind::Text),
    ("p50, µs", Kind::Quantity),
    ("p99, µs", Kind::Quantity),
    ("Computing p50, µs", Kind::Quantity),
    ("Statements", Kind::Integer),
    ("Rows", Kind::Integer),
    ("Host calls", Kind::Integer),
    ("Memory", Kind::Integer),
];

fn cells(one: &Measured) -> Vec<Cell> {
    vec![
        one.name.as_str().into(),
        one.wall.p50().into(),
        one.wall.p99().into(),
        one.cpu.p50().into(),
        count(one.cost.statements.into()),
        count(one.cost.rows),
        count(one.cost.host_calls),
        count(one.cost.memory_peak_bytes),
    ]
}

fn json_of(one: &Measured) -> Json {
    json!({
        "name": one.name,
        "wall_us": one.wall.json(),
        "cpu_us": one.cpu.json(),
        "cost": one.cost,
    })
}
