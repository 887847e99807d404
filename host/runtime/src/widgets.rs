//! Rendering a widget.
//!
//! Owns: its parameters, when a view that is kept will do, and taking over the
//! one that a plugin answers. Must not know: who looks at it.

use std::pin::pin;
use std::sync::{Arc, LazyLock};

use lombard_accounts::SettingsPatch;
use lombard_model::view::View;
use lombard_model::{CallCost, PluginKind, SavedSettings, Settings};
use lombard_store::{DataVersion, Session};

use crate::bindings::views::{self, RenderRequest};
use crate::call::{self, Answered, CallSetup, CallState, Export, Exported};
use crate::capabilities::{Subject, lend};
use crate::host::purpose;
use crate::plugin::Instance;
use crate::record::{Entry, Who};
use crate::recording::{Outcome, Recorded, RecordedRequest, Recording, Taken, Tape};
use crate::{CallError, Host, Plugin, PluginRef, RuntimeError, view_check};

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
        self.render_taped(plugin, params, max_rows, None).await
    }

    /// Renders a widget once, with a recording of what it asked of the host.
    /// It is rendered anew, whatever is kept.
    ///
    /// # Errors
    /// Where it is no widget, or a parameter is at fault: then there was no
    /// call. One that fails has a recording, too.
    pub async fn render_recorded(
        &self,
        plugin: &PluginRef,
        params: &SettingsPatch,
        max_rows: Option<u32>,
    ) -> Result<Recorded<Rendered>, RuntimeError> {
        plugin.of_kind(PluginKind::Widget)?;
        plugin.plugin.link_taped(&self.engine)?;
        let mut taken = None;
        let rendering = self.render_taped(plugin, params, max_rows, Some(&mut taken));
        Recorded::of(rendering.await, taken)
    }

    async fn render_taped(
        &self,
        plugin: &PluginRef,
        params: &SettingsPatch,
        max_rows: Option<u32>,
        taken: Option<&mut Taken>,
    ) -> Result<Rendered, RuntimeError> {
        plugin.of_kind(PluginKind::Widget)?;
        let params = read_params(&plugin.plugin, params)?;
        let key = match taken {
            None => self.memo.key(plugin, &params, max_rows),
            Some(_) => None,
        };
        let version = self.store.data_version();
        let at_hand = key.as_ref().and_then(|key| self.memo.view(key, version));
        let id = self.next_call();
        let mut session = self.call_session(purpose(plugin, "render", id), &plugin.limits);
        let kind = kind_of_render(plugin, &params);
        let who = Who::Plugin(Arc::clone(&plugin.plugin));
        let entry = Entry::begin(self, id, "render", who, session.meter());
        let tape = taken.is_some().then(Tape::blank);
        let subject = Subject::Widget(params);
        let of = (id, entry.function, Arc::clone(&entry.spent));
        // Made while the database reads ahead, and only where it is asked.
        let setup = LazyLock::new(move || self.setup(plugin, subject, of, tape));
        let accounts = plugin.accounts.clone();
        // It is kilobytes, which stay where they are.
        let call = pin!(async {
            session.meter().count_cache(at_hand.is_some());
            if let Some(view) = at_hand {
                return Ok((View::clone(&view), Some(version)));
            }
            session.within(accounts);
            session.read_as_last_time(kind);
            let Answered { value, repeats_at } = self.rendered(&setup, session, max_rows).await?;
            if let (Some(key), Some(version)) = (key, repeats_at) {
                self.memo.keep(key, version, &value);
            }
            Ok((value, repeats_at))
        });
        let rendered = self.call(plugin, entry, call).await;
        if let Some(taken) = taken {
            let outcome = rendered.as_ref();
            let outcome = outcome.map(|((view, _), cost)| (Outcome::View(view.clone()), *cost));
            let request = RecordedRequest::Render { max_rows };
            *taken = Recording::taken(&setup, plugin, request, outcome);
        }
        let ((view, repeats_at), cost) = rendered?;
        Ok(Rendered {
            view,
            cost,
            repeats_at,
        })
    }

    /// Calls a widget that is set up, and takes its view.
    pub(crate) async fn rendered(
        &self,
        setup: &Arc<CallSetup>,
        session: Box<Session>,
        max_rows: Option<u32>,
    ) -> Result<Answered<View>, CallError> {
        let render = Render(RenderRequest { max_rows });
        let answered = call::run(&self.spares, setup, session, &render).await?;
        Ok(Answered {
            value: view_check::take(answered.value, &setup.limits)?,
            repeats_at: answered.repeats_at,
        })
    }
}

/// Renders that are likely to read the same.
fn kind_of_render(plugin: &PluginRef, params: &Settings) -> String {
    let digest = plugin.plugin.digest.hex();
    if params.saved().is_empty() {
        return digest;
    }
    let params = serde_json::Value::from_iter(params.saved().clone());
    format!("{digest} {params}")
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
