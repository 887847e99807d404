//! `lombard plugin run`.

use std::collections::BTreeMap;

use anyhow::Context as _;
use lombard_accounts::expert_definitions;
use lombard_author::cases::CaseSpec;
use lombard_model::view::{Cell, Kind};
use lombard_model::{CallRecord, LookUps, PluginKind};
use lombard_runtime::{Clock, inspect};
use serde_json::json;

use super::built;
use super::stage::{Book, Called, Play, Stage};
use crate::arguments::{RunOptions, refuse};
use crate::commands::audit::advice;
use crate::commands::source::count;
use crate::commands::widget::read_file;
use crate::context::Context;
use crate::draw::{self, Style};

pub(super) async fn run(context: &Context, options: &RunOptions) -> anyhow::Result<()> {
    let book = book(context, options)?;
    let bytes = match options.plugin.is_dir() {
        true => built(context, &options.plugin).await?.1.bytes,
        false => read_file(&options.plugin)?,
    };
    let manifest = inspect(&bytes)?.manifest;
    // Those that all experts share are an expert's as well.
    let definitions = match manifest.kind {
        PluginKind::Expert => expert_definitions(&manifest.settings)?,
        PluginKind::Widget => manifest.settings,
    };
    let mut settings = BTreeMap::new();
    for (key, text) in &options.params {
        let value = definitions.get(key)?.read_text(key, text)?;
        settings.insert(key.clone(), value.to_json());
    }
    let clock = match (options.as_of, &book) {
        (Some(time), _) => Clock::Fixed(time),
        (None, Book::CopyOf(_)) => Clock::System,
        (None, Book::Demo | Book::Dataset(_)) => Clock::Fixed(CaseSpec::LAST_CLOSE),
    };
    let play = Play {
        bytes: &bytes,
        book,
        clock,
        settings,
        granted: options.granted(),
        max_rows: options.max_rows,
        expert: options.expert,
        symbols: options.symbols.clone(),
        use_case: options.use_case.into(),
    };
    let stage = Stage::open(context, play).await?;
    let called = stage.call().await;
    stage.close().await;
    tell(context, manifest.name.as_str(), &called?)
}

/// What the call is to see. A database has to be written: who has named their
/// own in the environment has not asked for it to be copied.
fn book<'a>(context: &'a Context, options: &'a RunOptions) -> anyhow::Result<Book<'a>> {
    match (context.written_database(), &options.dataset) {
        (None, dataset) => Ok(Book::of(dataset.as_deref())),
        (Some(_), Some(_)) => refuse("--dataset and --db can't be used together"),
        (Some(database), None) => {
            let there = std::fs::metadata(database.path());
            there.with_context(|| format!("the database {database} can't be opened"))?;
            Ok(Book::CopyOf(database))
        }
    }
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
