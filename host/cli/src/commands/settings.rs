//! `lombard settings`.
//!
//! A secret is shown as `•••`, whatever is asked for.

use std::io::Read as _;

use anyhow::Context as _;
use lombard_accounts::{SettingsPatch, account_definitions};
use lombard_model::view::{Cell, Kind};
use lombard_model::{Definitions, SettingDefinition, SettingError, SettingValue, Settings};
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
    let shown: Vec<_> = definitions
        .iter()
        .map(|(key, definition)| Shown::of(key, definition, &definitions, &settings))
        .collect();
    context.output.result(
        || json!({ "settings": shown.iter().map(Shown::json).collect::<Vec<_>>() }),
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
    let shown = Shown::of(key, definitions.get(key)?, &definitions, &settings);
    context.output.result(
        || shown.json(),
        |style| format!("{}\n", draw::inline(&shown.text(), style)),
    )
}

async fn read(host: &Host, owner: SettingsOwner) -> anyhow::Result<(Definitions, Settings)> {
    let mut session = host.session("settings");
    let read = match owner {
        SettingsOwner::Account(id) => {
            let loaded = host.accounts().account(id, &mut session).await?;
            let definitions = account_definitions(&loaded.state.account.provider);
            (definitions, loaded.state.settings.clone())
        }
        SettingsOwner::Expert(id) => {
            let loaded = host.accounts().expert(id, &mut session).await?;
            let definitions = host.expert_definitions(&loaded.state.expert.plugin)?;
            (definitions, loaded.state.settings.clone())
        }
    };
    session.end();
    Ok(read)
}

/// A setting as it may be shown.
struct Shown<'a> {
    key: &'a str,
    definition: &'a SettingDefinition,
    value: Result<Option<SettingValue>, SettingError>,
    source: &'static str,
}

impl<'a> Shown<'a> {
    fn of(
        key: &'a str,
        definition: &'a SettingDefinition,
        definitions: &Definitions,
        settings: &Settings,
    ) -> Self {
        let value = settings.get(definitions, key);
        let source = match &value {
            _ if settings.is_saved(key) => "saved",
            Ok(None) => "unset",
            _ => "default",
        };
        Self {
            key,
            definition,
            value,
            source,
        }
    }

    fn shown(&self) -> Json {
        match &self.value {
            Ok(Some(_)) if self.definition.secret => Json::from(SECRET),
            Ok(Some(value)) => value.to_json(),
            Ok(None) | Err(_) => Json::Null,
        }
    }

    fn text(&self) -> String {
        match (&self.value, self.shown()) {
            (Err(error), _) => error.to_string(),
            (_, Json::Null) => "–".to_owned(),
            (_, Json::String(text)) => text,
            (_, json) => json.to_string(),
        }
    }

    fn json(&self) -> Json {
        json!({
            "key": self.key,
            "type": self.definition.kind,
            "value": self.shown(),
            "source": self.source,
            "secret": self.definition.secret,
            "required": self.definition.required,
            "description": self.definition.description,
            "error": self.value.as_ref().err().map(ToString::to_string),
        })
    }
}

fn words(shown: &[Shown<'_>], style: Style) -> String {
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
                one.text().into(),
                one.source.into(),
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
