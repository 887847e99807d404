//! `lombard plugin run`.

use std::collections::BTreeMap;

use lombard_author::cases::CaseSpec;
use lombard_model::view::{Cell, Kind};
use lombard_model::{CallRecord, LookUps};
use lombard_runtime::inspect;
use serde_json::json;

use super::built;
use super::stage::{Called, Play, Stage};
use crate::arguments::RunOptions;
use crate::commands::audit::advice;
use crate::commands::source::count;
use crate::commands::widget::read_file;
use crate::context::Context;
use crate::draw::{self, Style};

pub(super) async fn run(context: &Context, options: &RunOptions) -> anyhow::Result<()> {
    let bytes = match options.plugin.is_dir() {
        true => built(context, &options.plugin).await?.1.bytes,
        false => read_file(&options.plugin)?,
    };
    let manifest = inspect(&bytes)?.manifest;
    let mut settings = BTreeMap::new();
    for (key, text) in &options.params {
        let value = manifest.settings.get(key)?.read_text(key, text)?;
        settings.insert(key.clone(), value.to_json());
    }
    let play = Play {
        bytes: &bytes,
        dataset: options.dataset.as_deref(),
        as_of: options.as_of.unwrap_or(CaseSpec::LAST_CLOSE),
        settings,
        grants: None,
        max_rows: options.max_rows,
        expert: None,
        symbols: options.symbols.clone(),
        use_case: options.use_case.into(),
    };
    let stage = Stage::open(context, play).await?;
    let called = stage.call().await;
    stage.close().await;
    tell(context, manifest.name.as_str(), &called?)
}

fn tell(context: &Context, name: &str, called: &Called) -> anyhow::Result<()> {
    let mut document = called.gave.json()?;
    document["cost"] = json!(called.record.cost);
    document["look_ups"] = json!(called.record.look_ups);
    document["advice"] = told(&called.record.look_ups).into();
    context.output.result(
        || document,
        |style| {
            called.gave.words(name, style)
                + &draw::heading("It cost", style)
                + &draw::key_values(&entries(&called.record), style)
                + &advised(&called.record.look_ups, style)
        },
    )
}

fn entries(record: &CallRecord) -> Vec<(&'static str, Kind, Cell)> {
    let cost = &record.cost;
    let entry = |label, value| (label, Kind::Integer, count(value));
    vec![
        entry("sessions", cost.sessions.into()),
        entry("statements", cost.statements.into()),
        entry("rows", cost.rows),
        entry("bytes read", cost.bytes),
        entry("calls into the host", cost.host_calls),
        entry("microseconds", cost.wall_us),
        entry("of them computing", cost.cpu_us),
        entry("of them waiting", cost.wait_us),
        entry("memory, bytes", cost.memory_peak_bytes),
        entry("log lines", cost.log_lines),
    ]
}

/// More look-ups of one thing than this are a loop.
const LOOP: u32 = 3;

/// What to do about loops, a line each.
pub(super) fn told(look_ups: &LookUps) -> Vec<String> {
    let loops = look_ups.iter().filter(|(_, times)| *times > LOOP);
    let words = loops.map(|(kind, times)| {
        format!(
            "{kind} was looked up {times} times, one by one: {}",
            advice(kind)
        )
    });
    words.collect()
}

pub(super) fn advised(look_ups: &LookUps, style: Style) -> String {
    let told = told(look_ups);
    told.iter()
        .map(|words| draw::warning(words, style))
        .collect()
}
