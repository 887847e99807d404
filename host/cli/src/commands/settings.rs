//! `lombard settings`.
//!
//! A secret is shown as `•••`, whatever is asked for.

use std::io::Read as _;

use anyhow::Context as _;
use lombard_accounts::{SettingsPatch, ShownSetting};
use lombard_model::view::{Cell, Kind};
use lombard_model::{Definitions, Settings};
use lombard_runtime::Host;
use lombard_store::SettingsOwner;
use serde_json::{Value as Json, json};

use super::with_host;
use crate::arguments::SettingsCommand;
use crate::context::Context;
use crate::draw::{self, Style};

const SECRET: &str = "•••";

/// The longest value that is read from stdin, in bytes.
const MAX_VALUE: u64 = 1 << 20;

pub(super) async fn run(context: &Context, command: SettingsCommand) -> anyhow::Result<()> {
    with_host(context, async |host| match command {
        SettingsCommand::List { owner } => list(context, host, owner).await,
        SettingsCommand::Get { owner, key } => get(context, host, owner, &key).await,
        SettingsCommand::Set { owner, key, value } => {
            let (definitions, _) = read(host, owner).await?;
            let value = match value.as_str() {
                "-" => from_stdin()?,
                _ => value,
            };
            let value = definitions.get(&key)?.read_text(&key, &value)?.to_json();
            let patch = [(key.clone(), Some(value))].into();
            save(context, host, owner, &definitions, patch, &key).await
        }
        SettingsCommand::Unset { owner, key } => {
            let (definitions, _) = read(host, owner).await?;
            let patch = [(key.clone(), None)].into();
            save(context, host, owner, &definitions, patch, &key).await
        }
    })
    .await
}

async fn save(
    context: &Context,
    host: &Host,
    owner: SettingsOwner,
    definitions: &Definitions,
    patch: SettingsPatch,
    key: &str,
) -> anyhow::Result<()> {
    host.accounts()
        .save_settings(owner, definitions, patch)
        .await?;
    // What a reader sees from now on, through the cache as it is after a save.
    get(context, host, owner, key).await
}

async fn list(context: &Context, host: &Host, owner: SettingsOwner) -> anyhow::Result<()> {
    let (definitions, settings) = read(host, owner).await?;
    let shown: Vec<_> = ShownSetting::all(&definitions, &settings).collect();
    context.output.result(
        || json!({ "settings": shown.iter().map(json_of).collect::<Vec<_>>() }),
        |style| words(&shown, style),
    )
}

async fn get(
    context: &Context,
    host: &Host,
    owner: SettingsOwner,
    key: &str,
) -> anyhow::Result<()> {
    let (definitions, settings) = read(host, owner).await?;
    let shown = ShownSetting::of(key, definitions.get(key)?, &definitions, &settings);
    context.output.result(
        || json_of(&shown),
        |style| format!("{}\n", draw::inline(&text(&shown), style)),
    )
}

async fn read(host: &Host, owner: SettingsOwner) -> anyhow::Result<(Definitions, Settings)> {
    let mut session = host.session("settings");
    let read = host.settings_of(owner, &mut session).await?;
    session.end();
    Ok(read)
}

fn value(one: &ShownSetting<'_>) -> Json {
    match &one.value {
        Some(value) => value.clone(),
        None if one.is_set => Json::from(SECRET),
        None => Json::Null,
    }
}

fn text(one: &ShownSetting<'_>) -> String {
    match (&one.error, value(one)) {
        (Some(error), _) => error.clone(),
        (_, Json::Null) => "–".to_owned(),
        (_, Json::String(text)) => text,
        (_, json) => json.to_string(),
    }
}

fn json_of(one: &ShownSetting<'_>) -> Json {
    json!({
        "key": one.key,
        "type": one.definition.kind,
        "value": value(one),
        "source": one.source,
        "secret": one.definition.secret,
        "required": one.definition.required,
        "description": one.definition.description,
        "error": one.error,
    })
}

fn words(shown: &[ShownSetting<'_>], style: Style) -> String {
    let columns = [
        ("Setting", Kind::Text),
        ("Value", Kind::Text),
        ("From", Kind::Text),
        ("Type", Kind::Text),
    ];
    let rows: Vec<Vec<Cell>> = shown
        .iter()
        .map(|one| {
            vec![
                one.key.into(),
                text(one).into(),
                one.source.as_str().into(),
                one.definition.kind.as_str().into(),
            ]
        })
        .collect();
    let about: Vec<_> = shown
        .iter()
        .map(|one| (one.key, one.definition.description.as_str()))
        .collect();
    let between = if about.is_empty() { "" } else { "\n" };
    draw::table(&columns, &rows, style) + between + &draw::explained(&about, style)
}

fn from_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(MAX_VALUE)
        .read_to_string(&mut text)
        .context("stdin")?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}
