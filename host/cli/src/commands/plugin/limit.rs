//! `lombard plugin limit`: what one plugin may use.

use lombard_model::view::Kind;
use lombard_model::{Limit, Limits, PluginName, SetLimits};
use serde_json::json;

use super::there;
use crate::commands::source::{Source, count, with_source};
use crate::context::Context;
use crate::draw::{self, Style};

/// Sets limits beside those that are set, or in their place.
pub(super) async fn run(
    context: &Context,
    name: &str,
    wanted: &[(Limit, u64)],
    reset: bool,
) -> anyhow::Result<()> {
    let plugin: PluginName = name.parse()?;
    with_source(context, async |source| {
        let before = match source {
            Source::Here(host) => {
                host.plugin_entry(name)?;
                host.set_limits_of(name)
            }
            Source::There(client) => there::set_limits_of(client, name).await?,
        };
        let kept = if reset { SetLimits::new() } else { before };
        let set: SetLimits = kept.into_iter().chain(wanted.iter().copied()).collect();
        match source {
            Source::Here(host) => host.set_limits(&plugin, set.clone()).await?,
            Source::There(client) => there::set_limits(client, name, &set).await?,
        }
        context.output.result(
            || json!({ "plugin": name, "limits_set": set }),
            |style| words(name, &set, style),
        )
    })
    .await
}

fn words(name: &str, set: &SetLimits, style: Style) -> String {
    if set.is_empty() {
        return format!("{name} may use what all plugins may\n");
    }
    let limits = Limits::default().with_all(set);
    let entries: Vec<_> = set
        .keys()
        .map(|limit| (limit.as_str(), Kind::Integer, count(limits.get(*limit))))
        .collect();
    let words = format!("{name} may use what all plugins may, and has of its own:\n");
    words + &draw::key_values(&entries, style)
}

/// Which limits were set for a plugin.
pub(super) fn set_words(set: &[Limit], style: Style) -> String {
    if set.is_empty() {
        return String::new();
    }
    let names: Vec<_> = set.iter().map(|limit| limit.as_str()).collect();
    draw::aside(&format!("set for it: {}", names.join(", ")), style)
}
