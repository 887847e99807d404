//! `lombard plugin test`.
//!
//! Owns: trying the cases of a project and telling what differs from what is
//! expected, and what costs more than it may. Must not know: the form of a
//! case.

use std::path::Path;

use anyhow::Context as _;
use lombard_author::cases::{self, Case, Difference, differences};
use lombard_model::{CallRecord, UseCase};
use serde_json::{Value as Json, json};

use super::built;
use super::run::{advised, cost_json, told};
use super::stage::{Called, Play, Stage};
use crate::context::Context;
use crate::draw::{self, Style};
use crate::failure::Advised;

/// What came of a case.
pub(super) struct Tried {
    pub(super) name: String,
    pub(super) called: Called,
    differences: Vec<Difference>,
    over: Vec<String>,
    is_new: bool,
}

impl Tried {
    pub(super) fn is_good(&self) -> bool {
        self.differences.is_empty() && self.over.is_empty() && !self.is_new
    }
}

pub(super) async fn run(
    context: &Context,
    folder: &Path,
    wanted: &[String],
    accept: bool,
) -> anyhow::Result<()> {
    let (project, built, _) = built(context, folder).await?;
    let cases = chosen(cases::find(&project.cases())?, wanted)?;
    if cases.is_empty() {
        let words = format!("{} has no cases", project.manifest.name);
        let remedy = "write cases/NAME.toml; an empty one calls the plugin on the demo's data";
        return Err(Advised::new(words, remedy).into());
    }
    let mut tried = Vec::new();
    for case in &cases {
        tried.push(try_case(context, case, &built.bytes, accept).await?);
    }
    let json = tried.iter().map(json_of).collect::<Result<Vec<_>, _>>()?;
    context.output.result(
        || json!({ "cases": json }),
        |style| tried.iter().map(|one| words_of(one, style)).collect(),
    )?;
    verdict(&tried)
}

/// Those that were named; all where none was.
fn chosen(all: Vec<Case>, wanted: &[String]) -> anyhow::Result<Vec<Case>> {
    for name in wanted {
        if !all.iter().any(|case| case.name == *name) {
            let words = format!("there is no case `{name}`");
            let names: Vec<_> = all.iter().map(|case| case.name.as_str()).collect();
            return Err(Advised::new(words, format!("there are {}", names.join(", "))).into());
        }
    }
    let is_wanted = |case: &Case| wanted.is_empty() || wanted.contains(&case.name);
    Ok(all.into_iter().filter(is_wanted).collect())
}

pub(super) fn play<'a>(case: &Case, bytes: &'a [u8], dataset: Option<&'a Path>) -> Play<'a> {
    let spec = &case.spec;
    Play {
        bytes,
        dataset,
        as_of: spec.as_of,
        settings: spec.settings.clone(),
        grants: spec.grants.clone(),
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
    Ok(Tried {
        name: case.name.clone(),
        over: over(case, &called.record),
        is_new: expected.is_none(),
        differences: differing.unwrap_or_default(),
        called,
    })
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

fn json_of(tried: &Tried) -> anyhow::Result<Json> {
    let difference = |one: &Difference| json!({ "path": one.path, "expected": one.expected, "found": one.found });
    let mut document = cost_json(&tried.called.record);
    document["name"] = tried.name.as_str().into();
    document["passed"] = tried.is_good().into();
    document["found"] = tried.called.gave.json()?;
    document["differences"] = tried.differences.iter().map(difference).collect();
    document["over"] = json!(tried.over);
    document["accepted"] = (!tried.is_new).into();
    document["advice"] = json!(told(&tried.called.record.look_ups));
    Ok(document)
}

/// Differences of one case that are shown; one wrong number may change all.
const SHOWN: usize = 20;

pub(super) fn words_of(tried: &Tried, style: Style) -> String {
    let cost = &tried.called.record.cost;
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
        words += &tried.called.gave.words(&tried.name, style);
    }
    for one in tried.differences.iter().take(SHOWN) {
        let shown = |value: &Option<Json>| match value {
            None => "nothing".to_owned(),
            Some(value) => draw::inline(&value.to_string(), style),
        };
        words += &format!(
            "  {}\n    expected {}\n    found    {}\n",
            draw::inline(&one.path, style),
            shown(&one.expected),
            shown(&one.found)
        );
    }
    if tried.differences.len() > SHOWN {
        words += &format!(
            "  and {} more differences\n",
            tried.differences.len() - SHOWN
        );
    }
    for over in &tried.over {
        words += &format!("  {over}\n");
    }
    words + &advised(&tried.called.record.look_ups, style)
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
