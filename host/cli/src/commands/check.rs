//! `lombard plugin check`: all that a plugin's file tells, without running it.

use std::path::Path;

use anyhow::Context as _;
use lombard_author::{Lint, lints};
use lombard_model::view::{Cell, Kind};
use lombard_model::{Grant, Limits, SettingDefinition};
use lombard_runtime::{Checked, RuntimeError, check};
use serde_json::{Value as Json, json};

use super::author;
use super::plugin::{About, limit_words};
use super::widget::read_file;
use crate::context::Context;
use crate::draw::{self, Style};
use crate::failure;

/// Reports on a plugin's file, or on what a project is built to; fails where it
/// would be refused. There is no database in it, and nothing is written but by
/// a build.
pub(super) async fn run(context: &Context, plugin: &Path) -> anyhow::Result<()> {
    let (file, bytes) = match plugin.is_dir() {
        true => {
            let built = author::built(context, plugin).await?.1;
            (built.file, built.bytes)
        }
        false => (plugin.to_owned(), read_file(plugin)?),
    };
    let limits = Limits::default();
    let mut checked = check(&bytes, &limits);
    let inspected = checked.inspected.as_ref();
    let lints = inspected.map_or_else(Vec::new, |one| lints(&bytes, &one.manifest));
    context.output.result(
        || json_of(&checked, &limits, &lints),
        |style| words_of(&checked, &limits, style) + &advised(&lints, style),
    )?;
    if checked.refusals.is_empty() {
        return Ok(());
    }
    let more = checked.refusals.len() - 1;
    let first = Err(checked.refusals.swap_remove(0));
    first.with_context(|| match more {
        0 => format!("{} would be refused", file.display()),
        _ => format!(
            "{} would be refused for this and {more} more",
            file.display()
        ),
    })
}

/// A refusal in words, and what to do about it.
fn told(refusal: &RuntimeError) -> (String, Option<String>) {
    (refusal.to_string(), failure::remedy_for(refusal))
}

fn json_of(checked: &Checked, under: &Limits, lints: &[Lint]) -> Json {
    let sizes = &checked.sizes;
    let mut about = match &checked.inspected {
        Some(inspected) => json!(About::of(inspected, None)),
        None => json!({
            "digest": checked.digest,
            "bytes": sizes.file,
            "imports": checked.imports,
        }),
    };
    let refusal = |refusal: &RuntimeError| {
        let (error, remedy) = told(refusal);
        json!({ "error": error, "remedy": remedy })
    };
    let grant = |grant: Grant| json!({ "grant": grant, "words": grant.words() });
    let inspected = checked.inspected.as_ref();
    about["accepted"] = checked.refusals.is_empty().into();
    about["refusals"] = checked.refusals.iter().map(refusal).collect();
    let lint = |one: &Lint| json!({ "lint": one.name, "words": one.words, "advice": one.advice });
    about["lints"] = lints.iter().map(lint).collect();
    about["exports"] = checked.exports.iter().map(String::as_str).collect();
    about["host_api"] = Checked::API.into();
    about["grants"] = inspected.map_or(Json::Null, |inspected| {
        inspected.manifest.grants.iter().map(grant).collect()
    });
    about["limits"] = json!(under);
    about["sizes"] = json!({
        "file": sizes.file,
        "code": sizes.code,
        "data": sizes.data,
        "custom": sizes.custom.values().sum::<usize>(),
        "custom_sections": sizes.custom,
        "memory_at_the_begin": sizes.memory,
    });
    about
}

fn words_of(checked: &Checked, under: &Limits, style: Style) -> String {
    let mut words = match &checked.inspected {
        Some(inspected) => About::of(inspected, None).words(style),
        None => draw::key_values(
            &[
                ("digest", Kind::Text, checked.digest.to_string().into()),
                ("imports", Kind::Text, listed(&checked.imports).into()),
            ],
            style,
        ),
    };
    words += &draw::key_values(
        &[
            ("exports", Kind::Text, listed(&checked.exports).into()),
            (
                "this host",
                Kind::Text,
                format!("lombard:platform {}", Checked::API).into(),
            ),
        ],
        style,
    );
    if let Some(inspected) = &checked.inspected {
        words += &draw::heading("It asks to", style);
        words += &asks(inspected.manifest.grants.iter(), style);
        words += &settings(inspected.manifest.settings.iter(), style);
    }
    words += &draw::heading("Each call of it may use", style);
    words += &limit_words(under, style);
    words += &draw::heading("Its bytes", style);
    words += &draw::key_values(&size_entries(checked), style);
    words += &draw::heading("It would be", style);
    words + &verdict(checked, style)
}

/// What its author may want to change.
fn advised(lints: &[Lint], style: Style) -> String {
    if lints.is_empty() {
        return String::new();
    }
    let words = lints
        .iter()
        .map(|one| format!("{}; {}", one.words, one.advice));
    let words: String = words.map(|words| draw::warning(&words, style)).collect();
    draw::heading("Its author may want to know", style) + &words
}

fn listed(names: &[String]) -> String {
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    }
}

pub(super) fn asks(grants: impl Iterator<Item = Grant>, style: Style) -> String {
    let entries: Vec<_> = grants
        .map(|grant| (grant.as_str(), grant.words()))
        .collect();
    match entries.is_empty() {
        true => draw::aside("nothing", style),
        false => draw::explained(&entries, style),
    }
}

fn settings<'a>(
    settings: impl Iterator<Item = (&'a str, &'a SettingDefinition)>,
    style: Style,
) -> String {
    let rows: Vec<_> = settings
        .map(|(key, definition)| {
            let kind = definition.kind.as_str();
            let secret = if definition.secret { ", secret" } else { "" };
            let required = if definition.required {
                ", required"
            } else {
                ""
            };
            let row: Vec<Cell> = vec![
                key.into(),
                format!("{kind}{secret}{required}").into(),
                definition.description.as_str().into(),
            ];
            row
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let columns = [
        ("Setting", Kind::Text),
        ("Type", Kind::Text),
        ("What for", Kind::Text),
    ];
    draw::heading("It has settings", style) + &draw::table(&columns, &rows, style)
}

fn size_entries(checked: &Checked) -> [(&'static str, Kind, Cell); 5] {
    let sizes = &checked.sizes;
    let memory = i64::try_from(sizes.memory).unwrap_or(i64::MAX);
    [
        ("file", Kind::Integer, count(sizes.file)),
        ("code", Kind::Integer, count(sizes.code)),
        ("data", Kind::Integer, count(sizes.data)),
        (
            "custom sections",
            Kind::Integer,
            count(sizes.custom.values().sum()),
        ),
        ("memory at the begin", Kind::Integer, memory.into()),
    ]
}

fn verdict(checked: &Checked, style: Style) -> String {
    if checked.refusals.is_empty() {
        let words = "accepted, with what the operator grants of what it asks for";
        return draw::paragraph(words, style);
    }
    let refusals = checked.refusals.iter().map(told);
    let words = refusals.map(|(error, remedy)| match remedy {
        Some(remedy) => format!("refused: {error}; {remedy}"),
        None => format!("refused: {error}"),
    });
    words.map(|words| draw::warning(&words, style)).collect()
}

fn count(number: usize) -> Cell {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}
