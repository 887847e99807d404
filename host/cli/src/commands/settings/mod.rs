//! `lombard settings`.
//!
//! A secret is shown as `•••`, whatever is asked for.

mod shown;
mod there;

use std::io::Read as _;

use anyhow::Context as _;
use lombard_model::{Definitions, SettingDefinition};
use lombard_runtime::Host;
use lombard_store::SettingsOwner;
use serde_json::{Value as Json, json};

use super::source::{Source, with_source};
use crate::arguments::SettingsCommand;
use crate::context::Context;
use crate::draw;
use shown::{Setting, Settings};

/// The longest value that is read from stdin, in bytes.
const MAX_VALUE: u64 = 1 << 20;

pub(super) async fn run(context: &Context, command: SettingsCommand) -> anyhow::Result<()> {
    with_source(context, async |source| match command {
        SettingsCommand::List { owner } => {
            let settings = read(source, owner).await?;
            context
                .output
                .document(&settings, |style| shown::words(&settings, style))
        }
        SettingsCommand::Get { owner, key } => {
            let settings = read(source, owner).await?;
            one(context, &settings, &key)
        }
        SettingsCommand::Set { owner, key, value } => {
            let save = async |definition: &SettingDefinition| {
                let value = match value.as_str() {
                    "-" => from_stdin()?,
                    _ => value.clone(),
                };
                Ok(Some(definition.read_text(&key, &value)?.to_json()))
            };
            let settings = change(source, owner, &key, save).await?;
            one(context, &settings, &key)
        }
        SettingsCommand::Unset { owner, key } => {
            let settings = change(source, owner, &key, async |_| Ok(None)).await?;
            one(context, &settings, &key)
        }
        SettingsCommand::Purge { owner } => purged(context, &purge(source, owner).await?),
    })
    .await
}

async fn purge(source: Source<'_>, owner: SettingsOwner) -> anyhow::Result<Vec<String>> {
    match source {
        Source::Here(host) => {
            let mut session = host.session("purge settings");
            let purged = host.purge_settings(owner, &mut session).await;
            session.end();
            Ok(purged?)
        }
        Source::There(client) => there::purge(client, owner).await,
    }
}

fn purged(context: &Context, keys: &[String]) -> anyhow::Result<()> {
    context.output.result(
        || json!({ "purged": keys }),
        |style| match keys {
            [] => "nothing is kept that is not declared\n".to_owned(),
            keys => draw::paragraph(&format!("removed: {}", keys.join(", ")), style),
        },
    )
}

/// Saves what `value` makes of the setting's definition, or removes what was
/// saved; gives all settings as they are then.
async fn change(
    source: Source<'_>,
    owner: SettingsOwner,
    key: &str,
    value: impl AsyncFnOnce(&SettingDefinition) -> anyhow::Result<Option<Json>>,
) -> anyhow::Result<Settings> {
    match source {
        Source::Here(host) => {
            let definitions = definitions(host, owner).await?;
            let value = value(definitions.get(key)?).await?;
            let patch = [(key.to_owned(), value)].into();
            let accounts = host.accounts();
            accounts.save_settings(owner, &definitions, patch).await?;
            // What a reader sees from now on, through the cache as it is after
            // a save.
            read(source, owner).await
        }
        Source::There(client) => there::change(client, owner, key, value).await,
    }
}

async fn read(source: Source<'_>, owner: SettingsOwner) -> anyhow::Result<Settings> {
    match source {
        Source::Here(host) => {
            let mut session = host.session("settings");
            let (definitions, settings) = host.settings_of(owner, &mut session).await?;
            session.end();
            Ok(Settings::of(definitions, &settings))
        }
        Source::There(client) => there::read(client, owner).await,
    }
}

async fn definitions(host: &Host, owner: SettingsOwner) -> anyhow::Result<Definitions> {
    let mut session = host.session("settings");
    let (definitions, _) = host.settings_of(owner, &mut session).await?;
    session.end();
    Ok(definitions)
}

fn one(context: &Context, settings: &Settings, key: &str) -> anyhow::Result<()> {
    let setting: &Setting = settings.get(key)?;
    context.output.document(setting, |style| {
        format!("{}\n", draw::inline(&setting.text(), style))
    })
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
