//! `lombard plugin test`.
//!
//! Owns: trying the cases of a project and telling what differs from what is
//! expected, and what costs more than it may. Must not know: the form of a
//! case.

use std::fs::File;
use std::path::Path;

use anyhow::Context as _;
use lombard_author::cases::{self, Case};
use lombard_model::{CallCost, CallRecord, Grants, LookUps, UseCase};
use lombard_runtime::{Clock, Difference, Recording, differences};
use lombard_store::Location;
use serde_json::{Value as Json, json};

use super::built;
use super::run::{advised, told};
use super::stage::{Book, Called, Play, Stage};
use crate::context::Context;
use crate::draw::{self, Style};
use crate::failure::Advised;

/// What came of a case.
pub(super) struct Tried {
    pub(super) name: String,
    /// As a case expects it.
    found: Json,
    /// The same, for people.
    pub(super) shown: String,
    cost: CallCost,
    look_ups: LookUps,
    differences: Vec<Difference>,
    /// Differences that are not among them.
    further: u64,
    /// Ceilings that it went through, and what a recording lacks.
    faults: Vec<String>,
    is_new: bool,
}

impl Tried {
    pub(super) fn is_good(&self) -> bool {
        self.differences.is_empty() && self.faults.is_empty() && !self.is_new
    }
}

pub(super) async fn run(
    context: &Context,
    folder: &Path,
    wanted: &[String],
    accept: bool,
) -> anyhow::Result<()> {
    let (project, built, _) = built(context, folder).await?;
    let tried = try_all(context, &project.cases(), &built.bytes, wanted, accept).await?;
    if tried.is_empty() {
        let words = format!("{} has no cases", project.manifest.name);
        let remedy = "write cases/NAME.toml; an empty one calls the plugin on the demo's data";
        return Err(Advised::new(words, remedy).into());
    }
    let cases = || tried.iter().map(json_of).collect::<Vec<_>>();
    context.output.result(
        || json!({ "cases": cases() }),
        |style| tried.iter().map(|one| words_of(one, style)).collect(),
    )?;
    verdict(&tried)
}

/// Tries the cases that were named, all where none was.
pub(super) async fn try_all(
    context: &Context,
    folder: &Path,
    bytes: &[u8],
    wanted: &[String],
    accept: bool,
) -> anyhow::Result<Vec<Tried>> {
    let (cases, recordings) = (cases::find(folder)?, cases::recordings(folder)?);
    let names = cases.iter().map(|case| &case.name);
    let names: Vec<_> = names
        .chain(recordings.iter().map(|(name, _)| name))
        .collect();
    if let Some(name) = wanted.iter().find(|name| !names.contains(name)) {
        let words = format!("there is no case `{name}`");
        let names: Vec<_> = names.into_iter().map(String::as_str).collect();
        return Err(Advised::new(words, format!("there are {}", names.join(", "))).into());
    }
    let is_wanted = |name: &String| wanted.is_empty() || wanted.contains(name);
    let mut tried = Vec::new();
    for case in cases.iter().filter(|case| is_wanted(&case.name)) {
        tried.push(try_case(context, case, bytes, accept).await?);
    }
    for (name, path) in recordings.iter().filter(|(name, _)| is_wanted(name)) {
        tried.push(try_recording(context, name, path, bytes).await?);
    }
    Ok(tried)
}

pub(super) fn play<'a>(case: &Case, bytes: &'a [u8], dataset: Option<&'a Path>) -> Play<'a> {
    let spec = &case.spec;
    Play {
        bytes,
        book: Book::of(dataset),
        clock: Clock::Fixed(spec.as_of),
        settings: spec.settings.clone(),
        granted: spec.grants.clone().unwrap_or_else(Grants::all).into(),
        max_rows: spec.request.max_rows,
        expert: spec.request.expert,
        symbols: spec.request.symbols.clone(),
        use_case: spec.request.use_case.unwrap_or(UseCase::EnterMarket),
    }
}

pub(super) async fn try_case(
    context: &Context,
    case: &Case,
    bytes: &[u8],
    accept: bool,
) -> anyhow::Result<Tried> {
    let dataset = case.dataset_file();
    let opening = Stage::open(context, play(case, bytes, dataset.as_deref()));
    let stage = opening
        .await
        .with_context(|| case.file.display().to_string())?;
    let called = stage.call().await;
    stage.close().await;
    let called = called.with_context(|| case.file.display().to_string())?;
    let found = called.gave.json()?;
    if accept {
        case.accept(&found)?;
    }
    let expected = case.expected()?;
    let differing = expected
        .as_ref()
        .map(|expected| differences(expected, &found));
    let (differences, further) = differing.unwrap_or_default();
    let Called { gave, record } = called;
    Ok(Tried {
        name: case.name.clone(),
        shown: gave.words(&case.name, context.output.style()),
        found,
        faults: over(case, &record),
        is_new: expected.is_none(),
        differences,
        further,
        cost: record.cost,
        look_ups: record.look_ups,
    })
}

/// Has the plugin answered by a recording, and compares what it gives with what
/// was recorded.
async fn try_recording(
    context: &Context,
    name: &str,
    path: &Path,
    bytes: &[u8],
) -> anyhow::Result<Tried> {
    let shown = path.display().to_string();
    let file = File::open(path).with_context(|| format!("{shown} can't be opened"))?;
    let recording = Recording::read(file).with_context(|| shown.clone())?;
    let folder = tempfile::tempdir().context("no folder for a throw-away database")?;
    let location = Location::file(folder.path().join("case.sqlite"));
    let host = context.host_on(location, Clock::System, true).await?;
    let replayed = async {
        let plugin = host.plugin_from(bytes, Grants::default()).await?;
        host.replay(&plugin, &recording).await
    };
    let replayed = replayed.await;
    host.close().await;
    let replayed = replayed.with_context(|| shown)?;
    let found = serde_json::to_value(&replayed.outcome)?;
    Ok(Tried {
        name: name.to_owned(),
        shown: format!("{found:#}\n"),
        found,
        faults: replayed.not_recorded.iter().map(not_recorded).collect(),
        is_new: false,
        differences: replayed.differences,
        further: replayed.further_differences,
        cost: replayed.cost,
        look_ups: LookUps::default(),
    })
}

fn not_recorded(asked: &impl ToString) -> String {
    format!(
        "it asks for what the recording does not have: {}",
        asked.to_string()
    )
}

/// The ceilings that the call went through.
fn over(case: &Case, record: &CallRecord) -> Vec<String> {
    let (most, cost) = (&case.spec.at_most, &record.cost);
    let look_ups = record.look_ups.iter().map(|(_, times)| times).max();
    let measured = [
        ("statements", most.statements, cost.statements.into()),
        ("rows", most.rows, cost.rows),
        ("host_calls", most.host_calls, cost.host_calls),
        ("memory_bytes", most.memory_bytes, cost.memory_peak_bytes),
        ("look_ups", most.look_ups, look_ups.unwrap_or(0).into()),
    ];
    let over = measured
        .into_iter()
        .filter_map(|(name, most, found): (_, _, u64)| {
            let most = most.filter(|most| found > *most)?;
            Some(format!("{name}: {found}, and at most {most} are allowed"))
        });
    over.collect()
}

fn json_of(tried: &Tried) -> Json {
    let difference = |one: &Difference| json!({ "path": one.at, "expected": one.recorded, "found": one.replayed });
    json!({
        "name": tried.name,
        "passed": tried.is_good(),
        "accepted": !tried.is_new,
        "found": tried.found,
        "differences": tried.differences.iter().map(difference).collect::<Vec<_>>(),
        "further_differences": tried.further,
        "faults": tried.faults,
        "cost": tried.cost,
        "look_ups": tried.look_ups,
        "advice": told(&tried.look_ups),
    })
}

/// Differences of one case that are shown; one wrong number may change all.
const SHOWN: usize = 20;

pub(super) fn words_of(tried: &Tried, style: Style) -> String {
    let cost = &tried.cost;
    let verdict = if tried.is_good() { "ok    " } else { "FAILED" };
    let (millis, tenths) = (cost.wall_us / 1_000, cost.wall_us % 1_000 / 100);
    let mut words = format!(
        "{verdict} {}: {} statements, {} rows, {millis}.{tenths} ms\n",
        draw::inline(&tried.name, style),
        cost.statements,
        cost.rows,
    );
    if tried.is_new {
        words += "  nothing is expected of it yet; look at what it gives:\n";
        words += &tried.shown;
    }
    for one in tried.differences.iter().take(SHOWN) {
        let shown = |value: Option<&Json>| match value {
            None => "nothing".to_owned(),
            Some(value) => draw::inline(&value.to_string(), style),
        };
        words += &format!(
            "  {}\n    expected {}\n    found    {}\n",
            draw::inline(&one.at, style),
            shown(one.recorded.as_ref()),
            shown(one.replayed.as_ref())
        );
    }
    let hidden = tried.differences.len().saturating_sub(SHOWN);
    let hidden = u64::try_from(hidden).unwrap_or(u64::MAX);
    let hidden = hidden.saturating_add(tried.further);
    if hidden > 0 {
        words += &format!("  and {hidden} more differences\n");
    }
    for fault in &tried.faults {
        words += &format!("  {}\n", draw::inline(fault, style));
    }
    words + &advised(&tried.look_ups, style)
}

pub(super) fn verdict(tried: &[Tried]) -> anyhow::Result<()> {
    let failed = tried.iter().filter(|one| !one.is_good()).count();
    if failed == 0 {
        return Ok(());
    }
    let words = format!("{failed} of {} cases failed", tried.len());
    let remedy = "correct the plugin or, where what it gives is right, take it for what is \
                  expected: `lombard plugin test --accept`";
    Err(Advised::new(words, remedy).into())
}
