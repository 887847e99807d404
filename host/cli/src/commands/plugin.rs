//! `lombard plugin`.

use std::path::Path;

use anyhow::Context as _;
use lombard_model::Grants;
use lombard_model::view::{Cell, Kind};
use lombard_runtime::{Inspected, Limits, PluginEntry, inspect};
use lombard_store::PluginBill;
use serde_json::{Value as Json, json};

use super::widget::{is_file, read_file};
use super::{check, with_host};
use crate::arguments::{GrantOptions, PluginCommand};
use crate::context::Context;
use crate::draw::{self, Style};

pub(super) async fn run(context: &Context, command: PluginCommand) -> anyhow::Result<()> {
    match command {
        PluginCommand::Install { file, grants } => install(context, &file, &grants).await,
        PluginCommand::List => list(context).await,
        PluginCommand::Inspect { plugin } => show(context, &plugin).await,
        PluginCommand::Check { file } => check::run(context, &file),
        PluginCommand::Remove { name } => remove(context, &name).await,
    }
}

async fn remove(context: &Context, name: &str) -> anyhow::Result<()> {
    with_host(context, async |host| {
        let bundled = host.bundled().any(|(bundled, _)| bundled == name);
        if bundled && !host.installed().contains_key(name) {
            anyhow::bail!("plugin `{name}` comes with the host and can't be removed");
        }
        host.remove(name.parse()?).await?;
        context.output.result(
            || json!({ "removed": name }),
            |_| format!("removed {name}\n"),
        )
    })
    .await
}

async fn install(context: &Context, file: &Path, grants: &GrantOptions) -> anyhow::Result<()> {
    let bytes = read_file(file)?;
    let granted = grants.granted();
    with_host(context, async |host| {
        let installing = host.install(bytes, granted.clone().unwrap_or_default());
        let installed = context
            .progress
            .during("compiling the plugin", installing)
            .await;
        let installed = installed.with_context(|| file.display().to_string())?;
        let manifest = &installed.manifest;
        let has = granted
            .clone()
            .unwrap_or_default()
            .intersection(&manifest.grants);
        let lacks = manifest.grants.without(&has);
        if !lacks.is_empty() {
            let name = &manifest.name;
            context.output.note(&format!(
                "{name} asks also for {lacks}, which it was not granted"
            ));
        }
        context.output.result(
            || json!({ "installed": about_json(&installed, Some(&has)) }),
            |_| {
                let (name, version, digest) = (&manifest.name, &manifest.version, installed.digest);
                format!("installed {name} {version}\n{digest}\ngranted: {has}\n")
            },
        )
    })
    .await
}

async fn list(context: &Context) -> anyhow::Result<()> {
    with_host(context, async |host| {
        let plugins = host.plugins()?;
        let json = |one: &PluginEntry| {
            json!({
                "name": one.manifest.name,
                "version": one.manifest.version,
                "kind": one.manifest.kind,
                "digest": one.digest,
                "granted": one.granted,
                "source": source(one),
                "description": one.manifest.description,
            })
        };
        let cells = |one: &PluginEntry| -> Vec<Cell> {
            vec![
                one.manifest.name.as_str().into(),
                one.manifest.version.as_str().into(),
                one.manifest.kind.as_str().into(),
                source(one).into(),
                one.granted.to_string().into(),
            ]
        };
        let columns = [
            ("Plugin", Kind::Text),
            ("Version", Kind::Text),
            ("Kind", Kind::Text),
            ("From", Kind::Text),
            ("Granted", Kind::Text),
        ];
        context.output.result(
            || json!({ "plugins": plugins.iter().map(json).collect::<Vec<_>>() }),
            |style| {
                draw::table(
                    &columns,
                    &plugins.iter().map(cells).collect::<Vec<_>>(),
                    style,
                )
            },
        )
    })
    .await
}

/// Where a plugin comes from.
fn source(one: &PluginEntry) -> &'static str {
    match one.installed_at {
        Some(_) => "installed",
        None => "bundled",
    }
}

async fn show(context: &Context, plugin: &str) -> anyhow::Result<()> {
    if is_file(plugin) {
        let inspected = inspect(&read_file(Path::new(plugin))?).context(plugin.to_owned())?;
        return context.output.result(
            || about_json(&inspected, None),
            |style| about_words(&inspected, None, style),
        );
    }
    with_host(context, async |host| {
        let (bytes, granted) = host.binary_of(plugin).await?;
        let inspected = inspect(&bytes)?;
        let granted = granted.intersection(&inspected.manifest.grants);
        let mut session = host.session("plugin inspect");
        let bills = session.bills_of(plugin).await?;
        session.end();
        context.output.result(
            || {
                let mut about = about_json(&inspected, Some(&granted));
                about["limits"] = limits(host.limits());
                about["calls"] = bills.iter().map(bill_json).collect();
                about
            },
            |style| {
                let about = about_words(&inspected, Some(&granted), style);
                format!("{about}{}", bill_words(&bills, style))
            },
        )
    })
    .await
}

pub(super) fn limits(limits: &Limits) -> Json {
    json!({
        "memory_bytes": limits.memory_bytes,
        "deadline_ms": u64::try_from(limits.deadline.as_millis()).unwrap_or(u64::MAX),
        "result_bytes": limits.result_bytes,
        "statements": limits.statements,
        "view_rows": limits.view_rows,
        "log_lines": limits.log_lines,
        "log_line_bytes": limits.log_line_bytes,
        "set_items": Limits::SET_ITEMS,
    })
}

pub(super) fn about_json(inspected: &Inspected, granted: Option<&Grants>) -> Json {
    let manifest = &inspected.manifest;
    json!({
        "name": manifest.name,
        "version": manifest.version,
        "kind": manifest.kind,
        "api": manifest.api,
        "description": manifest.description,
        "digest": inspected.digest,
        "bytes": inspected.size,
        "imports": inspected.imports,
        "asks_for": manifest.grants,
        "granted": granted,
        "settings": manifest.settings,
    })
}

pub(super) fn about_words(inspected: &Inspected, granted: Option<&Grants>, style: Style) -> String {
    let manifest = &inspected.manifest;
    let mut entries: Vec<(&str, Kind, Cell)> = vec![
        ("name", Kind::Text, manifest.name.as_str().into()),
        ("version", Kind::Text, manifest.version.as_str().into()),
        ("kind", Kind::Text, manifest.kind.as_str().into()),
        (
            "description",
            Kind::Text,
            manifest.description.as_str().into(),
        ),
        (
            "built for",
            Kind::Text,
            format!("lombard:platform {}", manifest.api).into(),
        ),
        ("digest", Kind::Text, inspected.digest.to_string().into()),
        (
            "bytes",
            Kind::Integer,
            i64::try_from(inspected.size).unwrap_or(i64::MAX).into(),
        ),
        ("imports", Kind::Text, inspected.imports.join(", ").into()),
        ("asks for", Kind::Text, manifest.grants.to_string().into()),
    ];
    if let Some(granted) = granted {
        entries.push(("granted", Kind::Text, granted.to_string().into()));
    }
    let settings = manifest
        .settings
        .iter()
        .map(|(key, _)| key)
        .collect::<Vec<_>>()
        .join(", ");
    if !settings.is_empty() {
        entries.push(("settings", Kind::Text, settings.into()));
    }
    draw::key_values(&entries, style)
}

fn bill_json(bill: &PluginBill) -> Json {
    json!({
        "function": bill.function,
        "calls": bill.calls,
        "failures": bill.failures,
        "sessions": bill.sessions,
        "statements": bill.statements,
        "most_statements": bill.most_statements,
        "rows": bill.rows,
        "longest_wait_us": bill.longest_wait_us,
        "longest_held_us": bill.longest_held_us,
        "wall_us": bill.wall_us,
    })
}

fn bill_words(bills: &[PluginBill], style: Style) -> String {
    let count = |number: u64| Cell::from(i64::try_from(number).unwrap_or(i64::MAX));
    let rows: Vec<_> = bills
        .iter()
        .map(|bill| {
            vec![
                bill.function.as_str().into(),
                count(bill.calls),
                count(bill.failures),
                count(bill.sessions),
                count(bill.statements),
                count(bill.most_statements),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let columns = [
        ("Called", Kind::Text),
        ("Calls", Kind::Integer),
        ("Failures", Kind::Integer),
        ("Sessions", Kind::Integer),
        ("Statements", Kind::Integer),
        ("Most in a call", Kind::Integer),
    ];
    format!("\n{}", draw::table(&columns, &rows, style))
}
