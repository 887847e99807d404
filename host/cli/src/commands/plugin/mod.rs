//! `lombard plugin`.

mod about;
mod asking;
mod fetch;
mod install;
mod limit;
mod lock;
mod there;
mod upgrade;

use std::path::Path;

use anyhow::Context as _;
use lombard_model::view::{Cell, Kind};
use lombard_model::{AccountScope, Grants, Limit, Limits, PluginKind, PluginName};
use lombard_runtime::{Host, PluginEntry, inspect};
use serde::Serialize;
use serde_json::json;

use super::source::{Source, running, with_source};
use super::widget::{is_file, read_file};
use super::{author, check};
use crate::arguments::PluginCommand;
use crate::context::Context;
use crate::draw;
use about::{Bill, bill_words};

pub(super) use about::{About, limit_words};

const COLUMNS: &[(&str, Kind)] = &[
    ("Plugin", Kind::Text),
    ("Version", Kind::Text),
    ("Kind", Kind::Text),
    ("From", Kind::Text),
    ("Granted", Kind::Text),
    ("Sees", Kind::Text),
];

/// A plugin as it is listed.
#[derive(Serialize)]
struct Listed {
    name: String,
    version: String,
    kind: PluginKind,
    digest: String,
    granted: Grants,
    accounts: AccountScope,
    source: String,
    description: String,
}

/// A plugin that is there, with what it has cost.
#[derive(Serialize)]
struct Known {
    #[serde(flatten)]
    about: About,
    limits: Limits,
    limits_set: Vec<Limit>,
    calls: Vec<Bill>,
}

pub(super) async fn run(context: &Context, command: PluginCommand) -> anyhow::Result<()> {
    match command {
        PluginCommand::Install {
            file,
            grants,
            digest,
            lock,
            ca,
        } => {
            let pins = install::Pins { digest, lock, ca };
            install::run(context, &file, &grants, &pins).await
        }
        PluginCommand::Lock { check } => lock::run(context, check.as_deref()).await,
        PluginCommand::List => list(context).await,
        PluginCommand::Inspect { plugin } => show(context, &plugin).await,
        PluginCommand::Check { plugin } => check::run(context, &plugin).await,
        PluginCommand::Author(command) => author::run(context, command).await,
        PluginCommand::Limit {
            name,
            limits,
            reset,
        } => limit::run(context, &name, &limits, reset).await,
        PluginCommand::Resume { name } => resume(context, &name).await,
        PluginCommand::Rollback { name } => roll_back(context, &name).await,
        PluginCommand::Remove { name } => remove(context, &name).await,
    }
}

/// Only a host that runs knows how often a plugin has failed.
async fn resume(context: &Context, name: &str) -> anyhow::Result<()> {
    there::resume(&running(context).await?, name).await?;
    context.output.result(
        || json!({ "resumed": name }),
        |_| format!("{name} is called again\n"),
    )
}

async fn roll_back(context: &Context, name: &str) -> anyhow::Result<()> {
    let parsed: PluginName = name.parse()?;
    with_source(context, async |source| {
        match source {
            Source::Here(host) => host.roll_back(parsed).await?,
            Source::There(client) => there::roll_back(client, name).await?,
        }
        let known = match source {
            Source::Here(host) => known_here(host, name).await?,
            Source::There(client) => there::known(client, name).await?,
        };
        let (version, digest) = (&known.about.version, &known.about.digest);
        context.output.result(
            || json!({ "rolled_back": known.about }),
            |_| format!("{name} is {version} again\n{digest}\n"),
        )
    })
    .await
}

async fn remove(context: &Context, name: &str) -> anyhow::Result<()> {
    with_source(context, async |source| {
        match source {
            Source::Here(host) => remove_here(host, name).await?,
            Source::There(client) => there::remove(client, &name.parse()?).await?,
        }
        context.output.result(
            || json!({ "removed": name }),
            |_| format!("removed {name}\n"),
        )
    })
    .await
}

async fn remove_here(host: &Host, name: &str) -> anyhow::Result<()> {
    let bundled = host.bundled().any(|(bundled, _)| bundled == name);
    if bundled && !host.installed().contains_key(name) {
        anyhow::bail!("plugin `{name}` comes with the host and can't be removed");
    }
    let name: PluginName = name.parse()?;
    Ok(host.remove(name).await?)
}

async fn list(context: &Context) -> anyhow::Result<()> {
    with_source(context, async |source| {
        let plugins = list_of(source).await?;
        context.output.result(
            || json!({ "plugins": plugins }),
            |style| {
                let rows: Vec<_> = plugins.iter().map(cells).collect();
                draw::table(COLUMNS, &rows, style)
            },
        )
    })
    .await
}

async fn list_of(source: Source<'_>) -> anyhow::Result<Vec<Listed>> {
    match source {
        Source::Here(host) => Ok(host.plugins()?.iter().map(Listed::from).collect()),
        Source::There(client) => there::list(client).await,
    }
}

fn cells(one: &Listed) -> Vec<Cell> {
    vec![
        one.name.as_str().into(),
        one.version.as_str().into(),
        one.kind.as_str().into(),
        one.source.as_str().into(),
        one.granted.to_string().into(),
        one.accounts.words().into(),
    ]
}

async fn show(context: &Context, plugin: &str) -> anyhow::Result<()> {
    if is_file(plugin) {
        let inspected = inspect(&read_file(Path::new(plugin))?).context(plugin.to_owned())?;
        let about = About::of(&inspected, None);
        return context.output.document(&about, |style| about.words(style));
    }
    with_source(context, async |source| {
        let known = match source {
            Source::Here(host) => known_here(host, plugin).await?,
            Source::There(client) => there::known(client, plugin).await?,
        };
        context.output.document(&known, |style| {
            known.about.words(style)
                + &known.about.may(style)
                + &draw::heading("Each call of it may use", style)
                + &limit_words(&known.limits, style)
                + &limit::set_words(&known.limits_set, style)
                + &bill_words(&known.calls, style)
        })
    })
    .await
}

async fn known_here(host: &Host, plugin: &str) -> anyhow::Result<Known> {
    let (bytes, granted) = host.binary_of(plugin).await?;
    let inspected = inspect(&bytes)?;
    let granted = granted.of_those_asked(&inspected.manifest.grants);
    let mut session = host.session("plugin inspect");
    let bills = session.bills_of(plugin).await?;
    session.end();
    Ok(Known {
        about: About::of(&inspected, Some(&granted)),
        limits: host.limits_of(plugin),
        limits_set: host.set_limits_of(plugin).into_keys().collect(),
        calls: bills.into_iter().map(Bill::from).collect(),
    })
}

impl From<&PluginEntry> for Listed {
    fn from(one: &PluginEntry) -> Self {
        let source = match one.installed_at {
            Some(_) => "installed",
            None => "bundled",
        };
        Self {
            name: one.manifest.name.to_string(),
            version: one.manifest.version.clone(),
            kind: one.manifest.kind,
            digest: one.digest.to_string(),
            granted: one.granted.clone(),
            accounts: one.accounts.clone(),
            source: source.to_owned(),
            description: one.manifest.description.clone(),
        }
    }
}
