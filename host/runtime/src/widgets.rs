//! Rendering a widget.
//!
//! Owns: its parameters, when a view that is kept will do, and taking over the
//! one that a plugin answers. Must not know: who looks at it.

use std::sync::Arc;

use lombard_accounts::SettingsPatch;
use lombard_model::view::View;
use lombard_model::{CallCost, PluginKind, SavedSettings, Settings};
use lombard_store::DataVersion;

use crate::bindings::views::{self, RenderRequest};
use crate::call::{self, CallState, Export, Exported};
use crate::capabilities::{Subject, lend};
use crate::host::purpose;
use crate::plugin::Instance;
use crate::record::{Recording, Who};
use crate::{Host, Plugin, PluginRef, RuntimeError, view_check};

/// A widget, rendered.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// What it shows.
    pub view: View,
    /// What it cost.
    pub cost: CallCost,
    /// The version of the data at which the same binary with the same grants,
    /// accounts and parameters shows the same again; none where it was given something
    /// that is of no version, such as the time.
    pub repeats_at: Option<DataVersion>,
}

/// The export of a widget.
struct Render(RenderRequest);

impl Export for Render {
    type Answer = views::View;

    async fn call(
        &self,
        instance: &Instance,
        store: &mut wasmtime::Store<CallState>,
    ) -> Exported<views::View> {
        let Instance::Widget(widget) = instance else {
            return Err(wasmtime::Error::msg("this is no widget"));
        };
        widget.call_render(store, lend(), self.0).await
    }
}

impl Host {
    /// Renders a widget once. `params` are its settings for this render.
    ///
    /// # Errors
    /// Where it is no widget, a parameter is at fault, or the call fails.
    pub async fn render(
        &self,
        plugin: &PluginRef,
        params: &SettingsPatch,
        max_rows: Option<u32>,
    ) -> Result<Rendered, RuntimeError> {
        plugin.of_kind(PluginKind::Widget)?;
        let params = read_params(&plugin.plugin, params)?;
        let key = self.memo.key(plugin, &params, max_rows);
        let version = self.store.data_version();
        let at_hand = key.as_ref().and_then(|key| self.memo.view(key, version));
        let render = Render(RenderRequest { max_rows });
        let id = self.next_call();
        let mut session = self.call_session(purpose(plugin, "render", id), &plugin.limits);
        let kind = kind_of_render(plugin, &params);
        let who = Who::Plugin(Arc::clone(&plugin.plugin));
        let recording = Recording::begin(self, id, "render", who, session.meter());
        let setup = self.setup(plugin, Subject::Widget(params), &recording);
        let accounts = plugin.accounts.clone();
        let ((view, repeats_at), cost) = self
            .call(&setup, recording, async {
                session.meter().count_cache(at_hand.is_some());
                if let Some(view) = at_hand {
                    return Ok((View::clone(&view), Some(version)));
                }
                session.within(accounts);
                session.read_as_last_time(kind);
                let answered = call::run(&self.spares, &setup, session, &render).await?;
                let view = view_check::take(answered.value, &plugin.limits)?;
                if let (Some(key), Some(version)) = (key, answered.repeats_at) {
                    self.memo.keep(key, version, &view);
                }
                Ok((view, answered.repeats_at))
            })
            .await?;
        Ok(Rendered {
            view,
            cost,
            repeats_at,
        })
    }
}

/// Renders that are likely to read the same.
fn kind_of_render(plugin: &PluginRef, params: &Settings) -> String {
    let params = serde_json::Value::from_iter(params.saved().clone());
    format!("render {} {params}", plugin.plugin.digest)
}

fn read_params(plugin: &Plugin, params: &SettingsPatch) -> Result<Settings, RuntimeError> {
    let mut given = SavedSettings::new();
    for (key, value) in params {
        let definition = plugin.definitions.get(key)?;
        if let Some(json) = value {
            given.insert(key.clone(), definition.read(key, json)?.to_json());
        }
    }
    let settings = Settings::new(given);
    settings.check(&plugin.definitions)?;
    Ok(settings)
}
