//! `lombard replay`: a plugin on a recording of a call.
//!
//! Owns: finding the binary, and laying what it gave beside what was recorded.
//! Must not know: how a plugin is run without its data.

use std::fs::File;
use std::io;
use std::path::Path;

use anyhow::Context as _;
use lombard_model::Digest;
use lombard_runtime::{
    Asked, CallDifference, Clock, Difference, Host, Outcome, PluginRef, Recording, Replayed,
};
use lombard_store::Location;
use serde_json::{Value as Json, json};

use super::source::with_host;
use super::widget::{is_file, read_file};
use crate::arguments::ReplayOptions;
use crate::bundle;
use crate::context::Context;
use crate::draw::{self, Style};
use crate::failure::Advised;

/// As much of a value as is shown to people; the document has all of it.
const LONGEST: usize = 400;

pub(super) async fn run(context: &Context, options: &ReplayOptions) -> anyhow::Result<()> {
    let path = options.file.clone();
    // The document is read whole and checked before anything is run.
    let reading = tokio::task::spawn_blocking(move || read(&path));
    let recording = context
        .progress
        .during("reading the recording", reading)
        .await??;
    let recording = &recording;
    let work = async |host: &Host| {
        let finding = find(host, recording, options.with.as_deref());
        let plugin = context
            .progress
            .during("loading the plugin", finding)
            .await?;
        let replaying = host.replay(&plugin, recording);
        let replayed = context.progress.during("replaying", replaying).await?;
        show(context, recording, &plugin, &replayed)
    };
    match needs_database(recording, options.with.as_deref()) {
        true => with_host(context, work).await,
        false => {
            let folder = tempfile::tempdir().context("no folder for a throw-away database")?;
            let location = Location::file(folder.path().join("replay.sqlite"));
            let host = context.host_on(location, Clock::System, true).await?;
            let done = work(&host).await;
            host.close().await;
            done
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Recording> {
    if path == Path::new("-") {
        return Recording::read(io::stdin().lock()).context("stdin");
    }
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown} can't be opened"))?;
    Recording::read(file).with_context(|| shown.to_string())
}

/// Whether the plugin may be one that only a database has.
fn needs_database(recording: &Recording, with: Option<&str>) -> bool {
    match with {
        Some(with) => !is_file(with),
        None => bundled(recording.plugin.digest).is_none(),
    }
}

/// The binary with this digest, where it comes with the host.
fn bundled(digest: Digest) -> Option<&'static [u8]> {
    let mut bundled = bundle::plugins().into_values();
    bundled.find(|bytes| lombard_runtime::inspect(bytes).is_ok_and(|one| one.digest == digest))
}

/// The plugin to run. What it is granted is no matter: a recording answers.
async fn find(host: &Host, recording: &Recording, with: Option<&str>) -> anyhow::Result<PluginRef> {
    let from = async |bytes: &[u8]| {
        host.plugin_from(bytes, lombard_model::Grants::default())
            .await
    };
    if let Some(with) = with {
        return match is_file(with) {
            true => {
                let bytes = read_file(Path::new(with))?;
                from(&bytes).await.context(with.to_owned())
            }
            false => Ok(host.plugin(with).await?),
        };
    }
    let recorded = &recording.plugin;
    if let Some(bytes) = bundled(recorded.digest) {
        return Ok(from(bytes).await?);
    }
    let mut plugins = host.plugins()?.into_iter();
    match plugins.find(|one| one.digest == recorded.digest) {
        Some(there) => Ok(host.plugin(there.manifest.name.as_str()).await?),
        None => {
            let words = format!(
                "the recorded binary is not there: {} {}, {}",
                recorded.name, recorded.version, recorded.digest
            );
            let remedy = "name its file, or another version, with --with PLUGIN.wasm";
            Err(Advised::new(words, remedy).into())
        }
    }
}

fn show(
    context: &Context,
    recording: &Recording,
    plugin: &PluginRef,
    replayed: &Replayed,
) -> anyhow::Result<()> {
    context.output.result(
        || json_of(recording, plugin, replayed),
        |style| words_of(recording, plugin, replayed, style),
    )?;
    if replayed.is_same_binary && !replayed.is_identical() {
        let words = "the recorded binary did not give again what was recorded".to_owned();
        let remedy = "a limit of time may have stopped one of the two, or the recording was \
                      changed: record the call again";
        return Err(Advised::new(words, remedy).into());
    }
    Ok(())
}

fn json_of(recording: &Recording, plugin: &PluginRef, replayed: &Replayed) -> Json {
    let recorded = &recording.plugin;
    let manifest = &plugin.plugin.manifest;
    let asked = |asked: &Asked| {
        let arguments: Option<Json> = serde_json::from_str(asked.arguments()).ok();
        json!({ "call": asked.function(), "args": arguments })
    };
    let call = |one: &CallDifference| {
        json!({
            "number": one.number,
            "recorded": one.recorded.as_ref().map(asked),
            "asked": one.asked.as_ref().map(asked),
        })
    };
    let difference = |one: &Difference| json!({ "at": one.at, "recorded": one.recorded, "replayed": one.replayed });
    json!({
        "recording": {
            "plugin": {
                "name": recorded.name, "version": recorded.version, "digest": recorded.digest,
            },
            "as_of": recording.as_of,
            "calls": recording.calls(),
            "result": recording.outcome,
        },
        "plugin": {
            "name": manifest.name, "version": manifest.version, "digest": plugin.plugin.digest,
        },
        "same_binary": replayed.is_same_binary,
        "identical": replayed.is_identical(),
        "result": replayed.outcome,
        "differences": replayed.differences.iter().map(difference).collect::<Vec<_>>(),
        "further_differences": replayed.further_differences,
        "calls": replayed.calls.iter().map(call).collect::<Vec<_>>(),
        "further_calls": replayed.further_calls,
        "not_recorded": replayed.not_recorded,
        "cost": replayed.cost,
    })
}

fn words_of(
    recording: &Recording,
    plugin: &PluginRef,
    replayed: &Replayed,
    style: Style,
) -> String {
    let manifest = &plugin.plugin.manifest;
    let recorded = &recording.plugin;
    let which = match replayed.is_same_binary {
        true => "the recorded binary".to_owned(),
        false => format!(
            "{}, in place of {} {}, {}",
            short(plugin.plugin.digest),
            recorded.name,
            recorded.version,
            short(recorded.digest)
        ),
    };
    let head = format!(
        "{} {}, {which}, on a call of {} that asked the host {} times",
        manifest.name,
        manifest.version,
        recording.as_of,
        recording.calls(),
    );
    let mut words = draw::paragraph(&head, style);
    words += &draw::paragraph(&verdict(replayed), style);
    if !replayed.differences.is_empty() {
        words += &draw::heading("Where the result differs", style);
        words += &differences(replayed, style);
    }
    if !replayed.calls.is_empty() {
        words += &draw::heading("Where it asked the host for something else", style);
        words += &calls(replayed, style);
    }
    if replayed.not_recorded.is_some() {
        let remedy = "A recording of this version answers what it asks for: --record it.";
        words += &draw::aside(remedy, style);
    }
    words
}

/// As much of a digest as tells two versions apart.
fn short(digest: Digest) -> String {
    digest.to_string().chars().take(15).collect()
}

fn verdict(replayed: &Replayed) -> String {
    let gave = match &replayed.outcome {
        Outcome::View(view) => format!("a view of {} blocks", view.blocks.len()),
        Outcome::Recommendations(all) => format!("{} recommendations", all.len()),
        Outcome::Failed(failure) => format!("an error: {}", failure.error),
        _ => "something".to_owned(),
    };
    match (replayed.has_same_outcome(), replayed.is_identical()) {
        (true, true) => format!("Identical: {gave}."),
        (true, false) => format!("The same result, by other calls: {gave}."),
        (false, _) => format!("Not the same: it gave {gave}."),
    }
}

fn differences(replayed: &Replayed, style: Style) -> String {
    let told = replayed.differences.iter().map(|one| {
        let (was, is) = (shown(one.recorded.as_ref()), shown(one.replayed.as_ref()));
        let prefixes = ["recommendations", "view."];
        let at = prefixes
            .iter()
            .find_map(|prefix| one.at.strip_prefix(prefix));
        (at.unwrap_or(&one.at), format!("was {was}; now {is}"))
    });
    listed(told, replayed.further_differences, style)
}

fn calls(replayed: &Replayed, style: Style) -> String {
    let told = replayed.calls.iter().map(|one| {
        let words = match (&one.recorded, &one.asked) {
            (Some(recorded), Some(asked)) => format!("was {recorded}; now {asked}"),
            (Some(recorded), None) => format!("was {recorded}; not asked any more"),
            (None, Some(asked)) => format!("asked for {asked} beside what was recorded"),
            (None, None) => String::new(),
        };
        (format!("call {}", one.number), words)
    });
    listed(told, replayed.further_calls, style)
}

fn listed<L: AsRef<str>>(
    told: impl Iterator<Item = (L, String)>,
    further: u64,
    style: Style,
) -> String {
    let told: Vec<_> = told.collect();
    let entries = told
        .iter()
        .map(|(label, words)| (label.as_ref(), words.as_str()));
    let words = draw::explained(&entries.collect::<Vec<_>>(), style);
    match further {
        0 => words,
        more => words + &draw::aside(&format!("and {more} more"), style),
    }
}

/// A value for people: texts without quotes, fields side by side.
fn shown(value: Option<&Json>) -> String {
    let text = match value {
        None => "nothing".to_owned(),
        Some(Json::Null) => "absent".to_owned(),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Object(fields)) => {
            let fields = fields.iter();
            let fields = fields.map(|(key, value)| format!("{key} {}", shown(Some(value))));
            fields.collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    };
    match text.chars().count() > LONGEST {
        true => text.chars().take(LONGEST).chain(['…']).collect(),
        false => text,
    }
}
