//! `lombard plugin new`.

use std::path::Path;

use lombard_author::{Language, NewPlugin, scaffold};
use lombard_model::{PluginKind, PluginName};
use serde_json::json;

use crate::context::{Context, data_folder};
use crate::draw;

pub(super) fn run(
    context: &Context,
    name: &PluginName,
    kind: PluginKind,
    language: Language,
    parent: &Path,
) -> anyhow::Result<()> {
    let folder = scaffold(&NewPlugin {
        name: name.clone(),
        kind,
        language,
        parent: parent.to_owned(),
        data: data_folder()?,
    })?;
    let shown = folder.display().to_string();
    context.output.result(
        || json!({ "plugin": name, "kind": kind, "lang": language.as_str(), "folder": shown }),
        |style| {
            let next = [
                ("lombard plugin build", "make the plugin's file"),
                ("lombard plugin test", "try its cases"),
                ("lombard plugin run", "call it once on the demo's data"),
            ];
            format!("made {shown}; in there:\n") + &draw::explained(&next, style)
        },
    )
}
