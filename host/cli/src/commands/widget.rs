//! `lombard widget`.

use std::path::Path;

use anyhow::Context as _;
use lombard_accounts::SettingsPatch;
use lombard_model::CallCost;
use lombard_model::view::View;
use lombard_runtime::{Host, Plugin, PluginRef, Rendered};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::record::Sheet;
use super::source::{Source, with_host, with_source};
use crate::arguments::{GrantOptions, RecordOptions};
use crate::client::{Client, encoded};
use crate::context::Context;
use crate::draw::{self, Style};
use crate::failure::Advised;

/// A widget, rendered.
#[derive(Deserialize, Serialize)]
pub(super) struct Rendering {
    pub(super) plugin: Maker,
    /// As JSON, from wherever it comes, so that it is drawn the same.
    view: Json,
    pub(super) cost: CallCost,
}

/// Which plugin made a view.
#[derive(Deserialize, Serialize)]
pub(super) struct Maker {
    pub(super) name: String,
    version: String,
    digest: String,
}

pub(super) async fn render(
    context: &Context,
    widget: &str,
    grants: &GrantOptions,
    params: &[(String, String)],
    record: &RecordOptions,
) -> anyhow::Result<()> {
    if let Some(sheet) = Sheet::at(record)? {
        return with_host(context, async |host| {
            let (plugin, params) = prepared(context, host, widget, grants, params).await?;
            let rendering = host.render_recorded(&plugin, &params, None);
            let recorded = context.progress.during("rendering", rendering).await?;
            sheet.keep(context, recorded, |rendered| {
                show(context, &Rendering::of(&plugin, rendered)?)
            })
        })
        .await;
    }
    let is_granted = grants.grants().is_some() || grants.accounts.is_some();
    let here = async |host: &Host| {
        let (plugin, params) = prepared(context, host, widget, grants, params).await?;
        let rendering = host.render(&plugin, &params, None);
        let rendered = context.progress.during("rendering", rendering).await?;
        show(context, &Rendering::of(&plugin, &rendered)?)
    };
    // A host does not know a file, and what it granted nobody widens.
    if is_file(widget) || is_granted {
        if context.names_a_host() {
            let words = "a host renders what is installed there, with what it was granted there";
            let remedy = "install it there with `lombard plugin install FILE --grant LIST`, and \
                          render it by its name";
            return Err(Advised::new(words.to_owned(), remedy).into());
        }
        return with_host(context, here).await;
    }
    with_source(context, async |source| match source {
        Source::Here(host) => here(host).await,
        Source::There(client) => {
            let rendering = there(client, widget, params);
            let rendered = context.progress.during("rendering", rendering).await?;
            show(context, &rendered)
        }
    })
    .await
}

/// The widget, loaded, and its parameters, read by its own definitions.
async fn prepared(
    context: &Context,
    host: &Host,
    widget: &str,
    grants: &GrantOptions,
    params: &[(String, String)],
) -> anyhow::Result<(PluginRef, SettingsPatch)> {
    let loading = find(host, widget, grants);
    let plugin = context
        .progress
        .during("loading the plugin", loading)
        .await?;
    let params = read_params(&plugin.plugin, params)?;
    Ok((plugin, params))
}

fn show(context: &Context, rendering: &Rendering) -> anyhow::Result<()> {
    let view = View::from_json(&rendering.view).context("the view can't be shown")?;
    context
        .output
        .document(rendering, |style| words(&view, &rendering.cost, style))
}

fn words(view: &View, cost: &CallCost, style: Style) -> String {
    draw::view(view, style) + "\n" + &draw::aside(&bill(cost), style)
}

async fn there(
    client: &Client,
    widget: &str,
    params: &[(String, String)],
) -> anyhow::Result<Rendering> {
    let mut path = format!("/widgets/{}", encoded(widget));
    // As here, the last one holds of two for one key.
    let last = |at: usize, key: &str| !params[at + 1..].iter().any(|(later, _)| later == key);
    let params = params.iter().enumerate();
    let params = params.filter(|(at, (key, _))| last(*at, key));
    for (nth, (_, (key, value))) in params.enumerate() {
        let before = if nth == 0 { '?' } else { '&' };
        path += &format!("{before}param.{}={}", encoded(key), encoded(value));
    }
    client.get(&path).await
}

/// The plugin of that name, or in that file. A file has what is granted on the
/// command line, none without; so has a named one where that was said.
async fn find(host: &Host, plugin: &str, options: &GrantOptions) -> anyhow::Result<PluginRef> {
    if is_file(plugin) {
        let bytes = read_file(Path::new(plugin))?;
        let loaded = host.plugin_from(&bytes, options.granted()).await;
        return loaded.context(plugin.to_owned());
    }
    let mut found = host.plugin(plugin).await?;
    if let Some(grants) = options.grants() {
        found.grants = grants.intersection(&found.plugin.manifest.grants);
    }
    if let Some(accounts) = &options.accounts {
        found.accounts = accounts.clone();
    }
    Ok(found)
}

/// Whether an argument names a file rather than a plugin.
pub(super) fn is_file(argument: &str) -> bool {
    argument.ends_with(".wasm") || argument.contains(std::path::MAIN_SEPARATOR)
}

/// The bytes of a plugin's file.
pub(super) fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    use std::io::Read as _;

    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("{shown} can't be opened"))?;
    // A folder can be opened, and its size says nothing.
    let folder = file.metadata().is_ok_and(|about| about.is_dir());
    anyhow::ensure!(
        !folder,
        "{shown} is a folder, not a plugin: name its .wasm file"
    );
    let mut bytes = Vec::new();
    // One byte more than a plugin may have is enough to tell that it has more.
    let read = file.take(Host::MAX_PLUGIN + 1).read_to_end(&mut bytes);
    read.with_context(|| format!("{shown} can't be read"))?;
    Ok(bytes)
}

fn read_params(plugin: &Plugin, params: &[(String, String)]) -> anyhow::Result<SettingsPatch> {
    let mut patch = SettingsPatch::new();
    for (key, text) in params {
        let value = plugin.definitions.get(key)?.read_text(key, text)?;
        patch.insert(key.clone(), Some(value.to_json()));
    }
    Ok(patch)
}

impl Rendering {
    pub(super) fn of(plugin: &PluginRef, rendered: &Rendered) -> anyhow::Result<Self> {
        let manifest = &plugin.plugin.manifest;
        Ok(Self {
            plugin: Maker {
                name: manifest.name.to_string(),
                version: manifest.version.clone(),
                digest: plugin.plugin.digest.to_string(),
            },
            view: serde_json::to_value(&rendered.view)?,
            cost: rendered.cost,
        })
    }
}

/// What a render cost, in a line.
fn bill(cost: &CallCost) -> String {
    let CallCost {
        sessions,
        statements,
        rows,
        wall_us,
        ..
    } = *cost;
    let plural = |count: u32| if count == 1 { "" } else { "s" };
    let (millis, tenths) = (wall_us / 1_000, wall_us % 1_000 / 100);
    format!(
        "{sessions} session{}, {statements} statement{}, {rows} rows, {millis}.{tenths} ms",
        plural(sessions),
        plural(statements),
    )
}
