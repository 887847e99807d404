//! `lombard widget`.

use std::path::Path;

use anyhow::Context as _;
use lombard_accounts::SettingsPatch;
use lombard_model::{CallCost, Grants};
use lombard_runtime::{Host, Plugin, PluginRef, Rendered};
use serde_json::{Value as Json, json};

use super::{cost, with_host};
use crate::arguments::GrantOptions;
use crate::context::Context;
use crate::draw;

pub(super) async fn render(
    context: &Context,
    widget: &str,
    grants: &GrantOptions,
    params: &[(String, String)],
) -> anyhow::Result<()> {
    with_host(context, async |host| {
        let loading = find(host, widget, grants.granted());
        let plugin = context
            .progress
            .during("loading the plugin", loading)
            .await?;
        let params = read_params(&plugin.plugin, params)?;
        let rendering = host.render(&plugin, &params, None);
        let rendered = context.progress.during("rendering", rendering).await?;
        context.output.result(
            || json_of(&plugin, &rendered),
            |style| {
                draw::view(&rendered.view, style) + "\n" + &draw::aside(&bill(&rendered), style)
            },
        )
    })
    .await
}

/// The plugin of that name, or in that file. A file has what is granted on the
/// command line, none without; so has a named one where that was said.
async fn find(host: &Host, plugin: &str, granted: Option<Grants>) -> anyhow::Result<PluginRef> {
    if is_file(plugin) {
        let bytes = read_file(Path::new(plugin))?;
        let loaded = host.plugin_from(&bytes, &granted.unwrap_or_default()).await;
        return loaded.context(plugin.to_owned());
    }
    let mut found = host.plugin(plugin).await?;
    if let Some(granted) = granted {
        found.grants = granted.intersection(&found.plugin.manifest.grants);
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

pub(super) fn json_of(plugin: &PluginRef, rendered: &Rendered) -> Json {
    let manifest = &plugin.plugin.manifest;
    json!({
        "plugin": {
            "name": manifest.name,
            "version": manifest.version,
            "digest": plugin.plugin.digest,
        },
        "view": rendered.view,
        "cost": cost(&rendered.cost),
    })
}

/// What a render cost, in a line.
fn bill(rendered: &Rendered) -> String {
    let CallCost {
        sessions,
        statements,
        rows,
        wall_us,
        ..
    } = rendered.cost;
    let plural = |count: u32| if count == 1 { "" } else { "s" };
    let (millis, tenths) = (wall_us / 1_000, wall_us % 1_000 / 100);
    format!(
        "{sessions} session{}, {statements} statement{}, {rows} rows, {millis}.{tenths} ms",
        plural(sessions),
        plural(statements),
    )
}
